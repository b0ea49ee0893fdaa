import { heardMedia } from '../../shared/translation/heard-media.ts'
import type { Block, CacheMark, MediaSource, TextBlock } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { isJsonArray } from '../../shared/call-fields.ts'
import { audioTypeOf, kindOfMedia, sourceOfUrl } from '../../shared/translation/media-source.ts'
import type { WireFields } from '../../shared/translation/wire-fields.ts'
import { dialectName, fieldsIn } from './own.ts'

/** The parts of a content list, in order. What is not known here becomes opaque and keeps its wire value. */
export function readParts(parts: readonly Json[], path: string): readonly Block[] {
  return parts.map((part, index) => readPart(part, `${path}[${index}]`))
}

/** A text that is a plain string where a list of parts could stand. */
export function readWholeText(holder: JsonObject, path: string, key: string, text: string): TextBlock {
  const fields = fieldsIn(holder, path)
  fields.note('text', key)
  return fields.hear<TextBlock>({ kind: 'text', text, citations: undefined, cache: undefined }, text)
}

/** Something that only this dialect has a word for. */
export function opaque(wire: Json, path: string, type: string): Block {
  return hear<Block>({ kind: 'opaque', type }, { dialect: dialectName, wire, path, heard: {}, unheard: [] })
}

function readPart(part: Json, path: string): Block {
  if (!isJsonObject(part)) return opaque(part, path, 'part')
  const type = typeof part['type'] === 'string' ? part['type'] : 'part'
  const read = Object.hasOwn(readers, type) ? readers[type] : undefined
  return read?.(fieldsIn(part, path, 'type')) ?? opaque(part, path, type)
}

/** Each gives `undefined` when what makes the part is missing or of another shape. */
const readers: Readonly<Record<string, (fields: WireFields) => Block | undefined>> = {
  input_text: readText,
  output_text: readText,
  text: readText,
  refusal: readRefusal,
  input_image: readImage,
  input_file: readFile,
  input_audio: readAudio,
}

function readText(fields: WireFields): Block | undefined {
  const text = fields.text('text', 'text')
  if (text === undefined) return undefined
  // What a client hands back of an answer: empty lists say nothing.
  for (const key of ['annotations', 'logprobs']) if (isEmptyList(fields.at(key))) fields.understand(key)
  const annotations = fields.at('annotations')
  const citations =
    isJsonArray(annotations) && annotations.length > 0 ? fields.list('citations', 'annotations') : undefined
  return fields.hear<Block>({ kind: 'text', text, citations, cache: readCacheMark(fields) })
}

function readRefusal(fields: WireFields): Block | undefined {
  const text = fields.text('text', 'refusal')
  return text === undefined ? undefined : fields.hear<Block>({ kind: 'refusal', text })
}

function readImage(fields: WireFields): Block | undefined {
  const url = fields.text('source', 'image_url')
  const fileId = url === undefined ? fields.text('source', 'file_id') : undefined
  const detail = fields.text('detail', 'detail')
  if (url !== undefined)
    return heardMedia(
      fields,
      kindOfMedia(sourceOfUrl(url), 'image'),
      sourceOfUrl(url),
      { detail },
      readCacheMark(fields),
    )
  return fileId === undefined
    ? undefined
    : heardMedia(fields, 'image', { kind: 'file', fileId }, { detail }, readCacheMark(fields))
}

/** Bytes, their address, or a name for bytes kept at the provider. */
function readFile(fields: WireFields): Block | undefined {
  const said = fields.text('source', 'file_data', 'file_url')
  const fileName = fields.text('fileName', 'filename')
  if (said !== undefined) {
    const source = isAddress.test(said) ? sourceOfUrl(said) : bareBytes(said)
    return heardMedia(fields, kindOfMedia(source), source, { fileName }, readCacheMark(fields))
  }
  const fileId = fields.text('source', 'file_id')
  return fileId === undefined
    ? undefined
    : heardMedia(fields, 'document', { kind: 'file', fileId }, { fileName }, readCacheMark(fields))
}

const isAddress = /^[a-z][a-z0-9+.-]*:/i

/** Base64 without its media type: PDF is what is mostly sent so. */
function bareBytes(base64: string): MediaSource {
  return { kind: 'base64', mediaType: 'application/pdf', base64 }
}

/** Not in OpenAI's description; some of its copies take it, worded as in chat. */
function readAudio(fields: WireFields): Block | undefined {
  const base64 = fields.text('source', 'input_audio.data')
  if (base64 === undefined) return undefined
  const format = fields.at('input_audio.format')
  if (typeof format === 'string') fields.understand('input_audio.format')
  const mediaType = audioTypeOf(typeof format === 'string' ? format : 'wav')
  return heardMedia(fields, 'audio', { kind: 'base64', mediaType, base64 }, {}, readCacheMark(fields))
}

/** OpenAI's mark of a prompt cache, which has no lifetime. */
function readCacheMark(fields: WireFields): CacheMark | undefined {
  if (fields.at(`${cacheKey}.mode`) !== 'explicit') return undefined
  fields.note('cache', cacheKey)
  fields.understand(`${cacheKey}.mode`)
  return Object.freeze({ ttl: undefined })
}

export const cacheKey = 'prompt_cache_breakpoint'

function isEmptyList(value: Json | undefined): boolean {
  return isJsonArray(value) && value.length === 0
}
