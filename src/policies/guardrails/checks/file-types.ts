import { attachmentsOf } from './attachments.ts'
import type { Attachment, CallCheck } from './call-check.ts'
import { mismatchOf, sniffedType } from './media-types.ts'

/**
 * Only files of these types: by what the call says of them, and by how they begin. What says nothing and looks like nothing is none of them.
 * @param allowed media types, and whole families as `image/*`.
 */
export function fileTypesCheck(allowed: readonly string[]): CallCheck {
  const types = new Set(allowed.map((type) => type.toLowerCase()))
  const allows = (type: string) => types.has(type) || types.has(`${type.split('/')[0]}/*`)
  return (call, places) =>
    places.has('document')
      ? attachmentsOf(call).flatMap((attachment) => {
          const says = objection(attachment, allows, types)
          return says === undefined
            ? []
            : [{ kind: 'file-type', place: 'document', path: attachment.path, says } as const]
        })
      : []
}

function objection(
  { what, declared, head }: Attachment,
  allows: (type: string) => boolean,
  types: ReadonlySet<string>,
): string | undefined {
  if (head === undefined && declared === undefined)
    // Its family is told by where it stands; the rest is at its URL.
    return types.has(`${what}/*`) ? undefined : `it names ${aFile[what]} whose type cannot be told from here`
  const type = declared ?? (head && sniffedType(head))
  if (type === undefined) return 'it holds a file whose type cannot be told'
  if (!allows(type)) return `it holds a file of type ${type}, which is not allowed`
  const mismatch = declared !== undefined && head && head.length > 0 ? mismatchOf(declared, head) : undefined
  return mismatch === undefined ? undefined : `it holds a file that is said to be ${type}, and ${mismatch}`
}

const aFile: Readonly<Record<Attachment['what'], string>> = {
  image: 'a picture',
  document: 'a document',
  audio: 'a sound',
}
