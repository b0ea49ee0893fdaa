import type { Block, JsonBlock, OpaqueBlock, TextBlock, ThoughtBlock, ToolUseBlock } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { isJsonArray, refusal } from '../../shared/call-fields.ts'
import { heardMedia } from '../../shared/translation/heard-media.ts'
import { sourceOfUrl } from '../../shared/translation/media-source.ts'
import type { WireFields } from '../../shared/translation/wire-fields.ts'
import { argumentsIn } from './block-teller.ts'
import { dialectName, fieldsIn } from './own.ts'

/** Content in either of its spellings: a plain string is one block of text. */
export function readContent(content: Json | undefined, path: string): readonly Block[] {
  if (content === undefined || content === null) return []
  if (typeof content === 'string') return [plainText(content, path)]
  if (!isJsonArray(content)) throw refusal(path, 'must be a string or an array')
  return content.map((part, index) => readPart(part, `${path}[${index}]`))
}

/** A text whose wire value is the string itself. */
export function plainText(text: string, path: string): TextBlock {
  return hear<TextBlock>(
    { kind: 'text', text, citations: undefined, cache: undefined },
    { dialect: dialectName, wire: text, path, heard: { text: '' } },
  )
}

export function readToolCall(wire: Json, path: string): Block {
  if (!isJsonObject(wire)) return opaque(wire, path)
  const fields = fieldsIn(wire, path, 'type')
  const id = fields.text('id', 'id')
  const name = fields.text('name', 'function.name')
  const argumentsText = fields.text('argumentsText', 'function.arguments')
  if (id === undefined || name === undefined) return opaque(wire, path)
  return fields.hear<ToolUseBlock>({
    kind: 'tool-use',
    id,
    name,
    argumentsText: argumentsIn(argumentsText ?? ''),
    signature: undefined,
    cache: undefined,
  })
}

/** A part of an unknown type, or of a known one in an unknown shape, is kept whole. */
function readPart(wire: Json, path: string): Block {
  if (!isJsonObject(wire)) return opaque(wire, path)
  const fields = fieldsIn(wire, path, 'type')
  switch (wire['type']) {
    case 'text':
      return readText(fields) ?? opaque(wire, path)
    case 'thinking':
      return readThought(fields) ?? opaque(wire, path)
    case 'image_url':
      return readImage(fields) ?? opaque(wire, path)
    case 'document':
      return readGiven(fields) ?? opaque(wire, path)
    default:
      return opaque(wire, path)
  }
}

function readText(fields: WireFields): TextBlock | undefined {
  const text = fields.text('text', 'text')
  return text === undefined
    ? undefined
    : fields.hear<TextBlock>({ kind: 'text', text, citations: undefined, cache: undefined })
}

/** Cohere signs no thoughts. */
function readThought(fields: WireFields): ThoughtBlock | undefined {
  const text = fields.text('text', 'thinking')
  return text === undefined
    ? undefined
    : fields.hear<ThoughtBlock>({ kind: 'thought', text, signature: undefined, redactedData: undefined })
}

function readImage(fields: WireFields): Block | undefined {
  const url = fields.text('source', 'image_url.url')
  if (url === undefined) return undefined
  return heardMedia(fields, 'image', sourceOfUrl(url), { detail: fields.text('detail', 'image_url.detail') }, undefined)
}

/**
 * What a tool gave: a value, or the text of one, as Cohere's page on tool use sends it (read 2026-11). The text stays as it was
 * written: numbers that we could not hold exactly may stand in it.
 */
function readGiven(fields: WireFields): JsonBlock | TextBlock | undefined {
  const value = fields.object('value', 'document.data')
  if (value !== undefined) return fields.hear<JsonBlock>({ kind: 'json', value })
  const text = fields.text('text', 'document.data')
  return text === undefined
    ? undefined
    : fields.hear<TextBlock>({ kind: 'text', text, citations: undefined, cache: undefined })
}

function opaque(wire: Json, path: string): OpaqueBlock {
  const type = typeOf(wire)
  return hear<OpaqueBlock>({ kind: 'opaque', type }, { dialect: dialectName, wire, path, heard: { type: 'type' } })
}

/** A client may send anything there. */
export function typeOf(wire: Json | JsonObject): string {
  const type = isJsonObject(wire) ? wire['type'] : typeof wire
  return typeof type === 'string' ? type : 'part'
}
