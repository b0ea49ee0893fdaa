import type { Block, MediaBlock, TextBlock } from '../../../canonical/chat.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { originOf, rewrite } from '../../../canonical/origin.ts'
import type { TargetWord } from '../../translation.ts'
import { ownCacheKey, writeCacheMark } from './cache-mark.ts'
import { audioFormatOf, fileNameFor, urlOfSource } from '../../shared/translation/media-source.ts'
import { put, several, single, type Draft } from '../../shared/translation/put.ts'
import { dialectName, isOwn, keyFor } from './own.ts'

/**
 * With what a call is written: where losses go, which words beyond the published ones the target takes, and which of those
 * it refuses.
 */
export interface Pen {
  readonly losses: Losses
  readonly words: ReadonlySet<TargetWord>
  readonly refuses: ReadonlySet<string>
}

/**
 * The parts of a content list that say these blocks. One block is mostly one part; what has no part is accounted for and
 * left out. Blocks that do not belong into content (calls, results, thoughts beside it) are not given here.
 */
export function writeParts(blocks: readonly Block[], pen: Pen): readonly JsonObject[] {
  return blocks.flatMap((block) => {
    if (!isOwn(block)) return freshParts(block, pen)
    const written = rewrite<Block>(block, dialectName, (one) => single(freshParts(one, pen)))
    // A text that was the whole content, standing in a list now.
    return typeof written === 'string' ? [{ type: 'text', text: written }] : several(written)
  })
}

/** The mark of a cache, put on a part, a message, a tool or a call, if the target knows one. */
export function putCacheMark(
  draft: Draft,
  node: { readonly cache: TextBlock['cache'] },
  { words }: Pen,
): readonly 'cache'[] {
  const { cache } = node
  if (!cache) return ['cache']
  const known = cacheWords.find((word) => words.has(word))
  const key = ownCacheKey(cache) === undefined ? known : keyFor(node, 'cache', ownCacheKey(cache) ?? '')
  if (key === undefined) return []
  put(draft, key, writeCacheMark(cache, key.slice(key.lastIndexOf('.') + 1)))
  return ['cache']
}

const cacheWords = ['cache_control', 'prompt_cache_breakpoint'] as const

export const noCacheMarks =
  'without being told so, the gateway does not know that this target takes marks of a prompt cache'

function freshParts(block: Block, pen: Pen): readonly JsonObject[] {
  switch (block.kind) {
    case 'text':
      return [freshText(block, pen)]
    case 'image':
    case 'document':
    case 'audio':
      return freshMedia(block, pen)
    case 'json':
      pen.losses.account(block, ['kind', 'value'])
      return [{ type: 'text', text: JSON.stringify(block.value) }]
    case 'refusal':
      pen.losses.account(block, ['text'])
      return [{ type: 'refusal', refusal: block.text }]
    case 'thought':
      return isOwn(block) ? [ownThinking(block)] : []
    default:
      pen.losses.whole(block, 'it has no place in the content of a message')
      return []
  }
}

function freshText(block: TextBlock, pen: Pen): JsonObject {
  const part: Draft = { type: 'text', text: block.text }
  accountForText(block, putCacheMark(part, block, pen), pen)
  return part
}

/** An empty list of citations says nothing; others are in the wording of their dialect. */
export function accountForText(block: TextBlock, carried: readonly 'cache'[], pen: Pen): void {
  accountFor(block, block.citations?.length === 0 ? ['text', 'citations', ...carried] : ['text', ...carried], pen)
}

/** A part that Mistral or another gateway has for thoughts, as it came. */
function ownThinking(block: Extract<Block, { kind: 'thought' }>): JsonObject {
  if (block.redactedData !== undefined)
    return { type: 'redacted_thinking', [keyFor(block, 'redactedData', 'data')]: block.redactedData }
  const key = keyFor(block, 'text', 'thinking')
  const wire = originOf(block)?.wire
  const isList = isJsonObject(wire) && Array.isArray(wire[key])
  const signature = block.signature === undefined ? {} : { signature: block.signature }
  return { type: 'thinking', [key]: isList ? [{ type: 'text', text: block.text }] : block.text, ...signature }
}

function freshMedia(block: MediaBlock, pen: Pen): readonly JsonObject[] {
  const written = isOwn(block) ? ownMedia(block) : foreignMedia(block, pen)
  if (!written) return []
  const part: Draft = { ...written.part }
  const carried = putCacheMark(part, block, pen)
  const known = block.wantsCitations === false ? (['wantsCitations'] as const) : []
  accountFor(block, [...written.carried, ...known, ...carried], pen)
  return [part, ...written.more]
}

interface WrittenMedia {
  readonly part: JsonObject
  readonly carried: readonly (keyof MediaBlock)[]
  /** Further parts, where one does not do. */
  readonly more: readonly JsonObject[]
}

/** In the member it came in, so that an edit changes what was edited and nothing else. */
function ownMedia(block: MediaBlock): WrittenMedia | undefined {
  const key = keyFor(block, 'source', 'image_url.url')
  const { source, detail, fileName } = block
  const part: Draft = { type: key.slice(0, key.indexOf('.') < 0 ? undefined : key.indexOf('.')) }
  if (key === 'input_audio.data' && source.kind === 'base64') {
    put(part, key, source.base64)
    put(part, 'input_audio.format', audioFormatOf(source.mediaType))
  } else put(part, key, source.kind === 'file' ? source.fileId : urlOfSource(source))
  put(part, keyFor(block, 'detail', 'image_url.detail'), detail)
  put(part, keyFor(block, 'fileName', 'file.filename'), fileName)
  return { part, carried: ['source', 'detail', 'fileName'], more: [] }
}

function foreignMedia(block: MediaBlock, pen: Pen): WrittenMedia | undefined {
  const { source } = block
  if (source.kind === 'file') {
    pen.losses.whole(block, 'a file kept at one provider cannot be read by another')
    return undefined
  }
  if (block.kind === 'audio') return foreignAudio(block, pen)
  return block.kind === 'image' ? foreignImage(block, pen) : foreignDocument(block, pen)
}

function foreignImage(block: MediaBlock, { losses }: Pen): WrittenMedia | undefined {
  const url = urlOfSource(block.source)
  if (url === undefined) {
    losses.whole(block, 'a picture is told by its bytes or by its address')
    return undefined
  }
  const detail = block.detail === undefined ? {} : { detail: block.detail }
  return { part: { type: 'image_url', image_url: { url, ...detail } }, carried: ['source', 'detail'], more: [] }
}

/** Bytes only (API description 2.3.0). */
function foreignAudio(block: MediaBlock, { losses }: Pen): WrittenMedia | undefined {
  const { source } = block
  if (source.kind !== 'base64') {
    losses.whole(block, 'the target takes audio as bytes only')
    return undefined
  }
  const format = audioFormatOf(source.mediaType)
  return { part: { type: 'input_audio', input_audio: { data: source.base64, format } }, carried: ['source'], more: [] }
}

/** Chat reads PDF and nothing else as a file (API description 2.3.0); what is text anyway is told as text. */
function foreignDocument(block: MediaBlock, pen: Pen): WrittenMedia | undefined {
  const { source, title } = block
  if (source.kind === 'text') {
    pen.losses.approximated(block, 'source', 'a document of plain text becomes text')
    return { part: { type: 'text', text: source.text }, carried: ['source'], more: [] }
  }
  if (source.kind === 'blocks') {
    pen.losses.approximated(block, 'source', 'a document of blocks becomes these blocks')
    const [part, ...more] = writeParts(source.blocks, pen)
    return part && { part, carried: ['source'], more }
  }
  if (source.kind === 'url' && !pen.words.has('document_url'))
    pen.losses.approximated(block, 'source', 'not every target fetches a document from its address')
  const fileName = block.fileName ?? title ?? fileNameFor(source)
  if (pen.words.has('document_url'))
    return {
      part: { type: 'document_url', document_url: urlOfSource(source) ?? '', document_name: fileName },
      carried: ['source', 'fileName', ...(block.fileName === undefined ? (['title'] as const) : [])],
      more: [],
    }
  return {
    part: { type: 'file', file: { filename: fileName, file_data: urlOfSource(source) ?? '' } },
    carried: ['source', 'fileName', ...(block.fileName === undefined ? (['title'] as const) : [])],
    more: [],
  }
}

/**
 * What an own node holds beyond its canonical words stays where it was, so only a foreign one can lose anything. Its kind is
 * told by where it is written.
 */
export function accountFor<T extends object>(node: T, carried: readonly (keyof T & string)[], { losses }: Pen): void {
  if (isOwn(node)) return
  if ('cache' in node && node.cache !== undefined && !carried.some((field) => field === 'cache'))
    losses.lost(node, 'cache', noCacheMarks)
  if ('kind' in node) losses.account(node, [...carried, 'kind'])
  else losses.account(node, carried)
}
