import { heardMedia } from '../../shared/translation/heard-media.ts'
import type { Block, MediaSource, ThoughtBlock } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { isJsonArray } from '../../shared/call-fields.ts'
import { readCacheMark } from './cache-mark.ts'
import { audioTypeOf, kindOfMedia, sourceOfUrl } from '../../shared/translation/media-source.ts'
import { dialectName, fieldsIn } from './own.ts'

/** The parts of a content list, in order. What is not known here becomes opaque and keeps its wire value. */
export function readParts(parts: readonly Json[], path: string): readonly Block[] {
  return parts.map((part, index) => readPart(part, `${path}[${index}]`))
}

/** Something only this dialect, or only one provider of it, has a word for. */
export function opaque(wire: Json, path: string, type: string): Block {
  return hear<Block>({ kind: 'opaque', type }, { dialect: dialectName, wire, path, heard: {}, unheard: [] })
}

function readPart(part: Json, path: string): Block {
  if (!isJsonObject(part)) return opaque(part, path, 'part')
  const type = typeof part['type'] === 'string' ? part['type'] : 'part'
  const read = Object.hasOwn(readers, type) ? readers[type] : undefined
  return read?.(part, path) ?? opaque(part, path, type)
}

/** Each gives `undefined` when what makes the part is missing or of another shape. */
const readers: Readonly<Record<string, (part: JsonObject, path: string) => Block | undefined>> = {
  text: readText,
  refusal: readRefusal,
  image_url: readImage,
  input_audio: readAudio,
  file: readFile,
  document_url: readDocumentUrl,
  thinking: readThinking,
  redacted_thinking: readRedactedThinking,
}

function readText(part: JsonObject, path: string): Block | undefined {
  const fields = fieldsIn(part, path, 'type')
  const text = fields.text('text', 'text')
  if (text === undefined) return undefined
  return fields.hear<Block>({ kind: 'text', text, citations: undefined, cache: readCacheMark(fields) })
}

function readRefusal(part: JsonObject, path: string): Block | undefined {
  const fields = fieldsIn(part, path, 'type')
  const text = fields.text('text', 'refusal')
  return text === undefined ? undefined : fields.hear<Block>({ kind: 'refusal', text })
}

/** An object with the URL, or (Mistral) the URL itself. A PDF comes this way too (behaviour.md E1). */
export function readImage(part: JsonObject, path: string): Block | undefined {
  const fields = fieldsIn(part, path, 'type')
  const url = fields.text('source', 'image_url.url', 'image_url')
  if (url === undefined) return undefined
  const source = sourceOfUrl(url)
  return heardMedia(
    fields,
    kindOfMedia(source, 'image'),
    source,
    { detail: fields.text('detail', 'image_url.detail') },
    readCacheMark(fields),
  )
}

function readAudio(part: JsonObject, path: string): Block | undefined {
  const fields = fieldsIn(part, path, 'type')
  const base64 = fields.text('source', 'input_audio.data')
  if (base64 === undefined) return undefined
  const format = fields.at('input_audio.format')
  if (typeof format === 'string') fields.understand('input_audio.format')
  const mediaType = audioTypeOf(typeof format === 'string' ? format : 'wav')
  return heardMedia(fields, 'audio', { kind: 'base64', mediaType, base64 }, {}, readCacheMark(fields))
}

/** Bytes, a name for bytes kept at the provider, or (OpenRouter) an address. */
function readFile(part: JsonObject, path: string): Block | undefined {
  const fields = fieldsIn(part, path, 'type')
  const fileData = fields.text('source', 'file.file_data')
  const fileId = fileData === undefined ? fields.text('source', 'file.file_id') : undefined
  const fileName = fields.text('fileName', 'file.filename')
  if (fileData !== undefined) {
    const source = isAddress.test(fileData) ? sourceOfUrl(fileData) : bareBytes(fileData)
    return heardMedia(fields, kindOfMedia(source), source, { fileName }, readCacheMark(fields))
  }
  return fileId === undefined
    ? undefined
    : heardMedia(fields, 'document', { kind: 'file', fileId }, { fileName }, readCacheMark(fields))
}

const isAddress = /^[a-z][a-z0-9+.-]*:/i

/** OpenAI takes base64 without its media type as well; PDF is what chat reads (API description 2.3.0). */
function bareBytes(base64: string): MediaSource {
  return { kind: 'base64', mediaType: 'application/pdf', base64 }
}

/** Mistral's own part. */
function readDocumentUrl(part: JsonObject, path: string): Block | undefined {
  const fields = fieldsIn(part, path, 'type')
  const url = fields.text('source', 'document_url')
  if (url === undefined) return undefined
  return heardMedia(
    fields,
    'document',
    sourceOfUrl(url),
    { fileName: fields.text('fileName', 'document_name') },
    readCacheMark(fields),
  )
}

/** Mistral's thoughts are lists of text parts; other gateways' are Anthropic's block, with `text` or `thinking`. */
function readThinking(part: JsonObject, path: string): ThoughtBlock | undefined {
  const fields = fieldsIn(part, path, 'type')
  const text = textOfParts(fields.at('thinking')) ?? fields.text('text', 'thinking', 'text')
  if (text === undefined) return undefined
  if (isJsonArray(fields.at('thinking'))) fields.note('text', 'thinking')
  const signature = fields.text('signature', 'signature')
  // Mistral: whether the thought has come to its end, which in a question it always has.
  if (fields.at('closed') === true) fields.understand('closed')
  return fields.hear<ThoughtBlock>({ kind: 'thought', text, signature, redactedData: undefined })
}

function readRedactedThinking(part: JsonObject, path: string): ThoughtBlock | undefined {
  const fields = fieldsIn(part, path, 'type')
  const redactedData = fields.text('redactedData', 'data', 'redactedContent')
  if (redactedData === undefined) return undefined
  return fields.hear<ThoughtBlock>({ kind: 'thought', text: '', signature: undefined, redactedData })
}

/** `undefined` unless it is a list of nothing but plain text parts. */
function textOfParts(parts: Json | undefined): string | undefined {
  if (!isJsonArray(parts)) return undefined
  const texts = parts.map((part) => (isPlainText(part) ? part['text'] : undefined))
  return texts.every((text) => typeof text === 'string') ? texts.join('') : undefined
}

/** One that says more is not understood, so that nothing of it is lost unheard. */
function isPlainText(part: Json): part is JsonObject {
  return (
    isJsonObject(part) && part['type'] === 'text' && Object.keys(part).every((key) => key === 'type' || key === 'text')
  )
}
