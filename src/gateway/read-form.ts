import type { Json, JsonObject } from '../canonical/json.ts'
import type { BodyEdit } from '../dialects/dialect.ts'
import { scanForm, spliceForm, type FormPart } from '../wire/form-scan.ts'
import { refuseSteeringNames } from './refuse-steering.ts'

/** A body that is a form, read as if it were JSON: a field is a text, a file an object that tells its name and size. */
export interface AskedForm {
  readonly value: JsonObject
  /** Its files: what each says of itself, and its first bytes. */
  readonly files: readonly { readonly name: string; readonly contentType: string | undefined; readonly head: Buffer }[]
  /** Of all text fields together. Files are no text. */
  readonly textBytes: number
  /** Of the client, with its boundary: it travels with the bytes. */
  readonly contentType: string
  /** The same bytes with text fields set. */
  edited(edits: readonly BodyEdit[]): Buffer
}

/**
 * @param boundary as the content type names it.
 * @throws GatewayError `invalid_request`: no form, or one that two readers could take for two, or a field that would steer the call.
 */
export function readForm(body: Buffer, contentType: string, boundary: string): AskedForm {
  const parts = scanForm(body, boundary)
  refuseSteeringNames(parts.map(({ name }) => name))
  const members = new Map<string, Json>()
  let textBytes = 0
  for (const part of parts) {
    if (part.fileName === undefined) textBytes += part.end - part.start
    const before = members.get(part.name)
    const value = valueOf(body, part)
    // Only a list, or several files under one name, can come more than once.
    members.set(part.name, before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value])
  }
  return {
    value: Object.fromEntries(members),
    files: parts.flatMap(({ name, fileName, contentType: said, start, end }) =>
      fileName === undefined
        ? []
        : [{ name, contentType: said, head: body.subarray(start, Math.min(end, start + fileHeadBytes)) }],
    ),
    textBytes,
    contentType,
    edited: (edits) =>
      spliceForm(
        body,
        parts,
        boundary,
        edits.map(({ key, value }) => ({
          name: key,
          value: typeof value === 'string' ? value : JSON.stringify(value),
        })),
      ),
  }
}

/** So much of a file says what it is. */
const fileHeadBytes = 512

function valueOf(body: Buffer, { fileName, start, end }: FormPart): Json {
  return fileName === undefined ? body.toString('utf8', start, end) : { fileName, sizeBytes: end - start }
}
