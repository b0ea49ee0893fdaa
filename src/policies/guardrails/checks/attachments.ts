import type { Block, MediaBlock } from '../../../canonical/chat.ts'
import { isJsonObject, type Json } from '../../../canonical/json.ts'
import { originOf } from '../../../canonical/origin.ts'
import { fileMembers, isBinary, machineWords } from '../texts.ts'
import { typeToldBy } from '../encoded-text.ts'
import type { Attachment, CheckedCall } from './call-check.ts'
import { mediaTypeOf, sniffedType } from './media-types.ts'

/** So much of a file says what it is. */
const headBase64 = 512

/**
 * Every file of a call, in order: what canonical words know, and what stands in its body as base64 or a data URL, whether a word
 * carries it or not.
 */
export function attachmentsOf({ value, chat, files }: CheckedCall): readonly Attachment[] {
  const blocks = new Map<string, MediaBlock>()
  for (const message of chat?.messages ?? []) for (const block of message.blocks) collect(block, blocks)
  const inline: Attachment[] = []
  visit(value, '', undefined, undefined, inline)
  const claimed = new Set<string>()
  const told = inline.map((one): Attachment => {
    const at = holders(one.path).find((path) => blocks.has(path))
    if (at === undefined) return one
    claimed.add(at)
    return { ...one, what: blocks.get(at)?.kind ?? one.what }
  })
  const elsewhere = [...blocks].flatMap(([path, block]): readonly Attachment[] =>
    claimed.has(path) ? [] : [{ path, what: block.kind, declared: typeOf(block), head: undefined }],
  )
  return [...files, ...told, ...elsewhere]
}

/** A path and all that it lies below, from the outermost: a call may have as many files as blocks. */
function holders(path: string): readonly string[] {
  return [...Array.from(path.matchAll(/\./g), ({ index }) => path.slice(0, index)), path]
}

function collect(block: Block, blocks: Map<string, MediaBlock>): void {
  if (block.kind === 'tool-result') for (const inner of block.blocks) collect(inner, blocks)
  if (block.kind !== 'image' && block.kind !== 'document' && block.kind !== 'audio') return
  const path = originOf(block)?.path
  // What a search gave is text, and no file.
  if (path !== undefined && block.foundAt === undefined) blocks.set(path, block)
  if (block.source.kind === 'blocks') for (const inner of block.source.blocks) collect(inner, blocks)
}

function typeOf(block: MediaBlock): string | undefined {
  const { source } = block
  if (source.kind === 'text') return source.mediaType
  if (source.kind === 'blocks') return 'text/plain'
  // Gemini tells the type of what it names by a URI.
  const wire = originOf(block)?.wire
  const told = isJsonObject(wire) ? [wire, ...Object.values(wire)].filter(isJsonObject).map(typeToldBy) : []
  return mediaTypeOf(told.find((type) => type !== undefined))
}

function visit(
  value: Json,
  path: string,
  key: string | undefined,
  mediaType: string | undefined,
  found: Attachment[],
): void {
  if (typeof value === 'string') {
    const attachment = attachmentAt(value, path, key, mediaType)
    if (attachment) found.push(attachment)
  } else if (Array.isArray(value))
    for (const [index, item] of (value as readonly Json[]).entries())
      visit(item, `${path}[${index}]`, key, undefined, found)
  else if (isJsonObject(value)) {
    const type = value['type'] === 'text' ? undefined : (typeToldBy(value) ?? mediaType)
    for (const [name, item] of Object.entries(value))
      if (!machineWords.has(name))
        visit(item, path === '' ? name : `${path}.${name}`, name, fileMembers.has(name) ? type : undefined, found)
  }
}

function attachmentAt(
  value: string,
  path: string,
  key: string | undefined,
  mediaType: string | undefined,
): Attachment | undefined {
  const url = /^data:([^,;]{0,127})((?:;[^,;]{1,127}){0,8}),/i.exec(value)
  if (url) {
    const [lead, type = '', parameters = ''] = url
    const rest = value.slice(lead.length, lead.length + headBase64)
    const head = /;base64$/i.test(parameters) ? Buffer.from(rest, 'base64') : Buffer.from(unescapedBytes(rest))
    return attachment(path, mediaTypeOf(type === '' ? 'text/plain' : type), head)
  }
  const isDeclared = mediaType !== undefined && key !== undefined && fileMembers.has(key)
  if (!isDeclared && !isBinary(value)) return undefined
  const head = Buffer.from(value.slice(0, headBase64), 'base64')
  // A signature, a thought that is encrypted: long base64 that is no file.
  if (!isDeclared && sniffedType(head) === undefined) return undefined
  return attachment(path, mediaTypeOf(mediaType), head)
}

/** A file of a form. */
export function formFile(name: string, contentType: string | undefined, head: Buffer): Attachment {
  return attachment(name, mediaTypeOf(contentType), head)
}

function attachment(path: string, declared: string | undefined, head: Buffer): Attachment {
  const [family] = (declared ?? sniffedType(head) ?? '').split('/')
  return { path, what: family === 'image' || family === 'audio' ? family : 'document', declared, head }
}

function unescapedBytes(text: string): string {
  return text.replaceAll(/%([\da-f]{2})/gi, (_whole, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  )
}
