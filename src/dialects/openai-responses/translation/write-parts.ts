import type { Block, MediaBlock, TextBlock } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { rewrite } from '../../../canonical/origin.ts'
import { audioFormatOf, fileNameFor, urlOfSource } from '../../shared/translation/media-source.ts'
import { put, type Draft } from '../../shared/translation/put.ts'
import { dialectName, isOwn, keyFor } from './own.ts'
import { accountFor, type Pen } from './pen.ts'
import { cacheKey } from './read-parts.ts'

/**
 * The parts of a content list that say these blocks; what has no part is accounted for and left out.
 * @param textType what a text is called here: whoever reads it calls it `input_text`, whoever wrote it `output_text`.
 */
export function writeParts(
  blocks: readonly Block[],
  textType: 'input_text' | 'output_text',
  pen: Pen,
): readonly Json[] {
  return blocks.flatMap((block): readonly Json[] => {
    if (!isOwn(block)) return freshParts(block, textType, pen)
    const written = rewrite<Block>(block, dialectName, (one) => freshParts(one, textType, pen)[0] ?? null)
    // A text that was the whole content, standing in a list now.
    return [typeof written === 'string' ? { type: textType, text: written } : written]
  })
}

/** An empty list of citations says nothing; others are in the wording of their dialect. */
export function accountForText(block: TextBlock, carried: readonly 'cache'[], pen: Pen): void {
  accountFor(block, block.citations?.length === 0 ? ['text', 'citations', ...carried] : ['text', ...carried], pen)
}

function freshParts(block: Block, textType: 'input_text' | 'output_text', pen: Pen): readonly JsonObject[] {
  switch (block.kind) {
    case 'text':
      return [textPart(block, textType, pen)]
    case 'json':
      accountFor(block, ['value'], pen)
      return [{ type: textType, text: JSON.stringify(block.value) }]
    case 'refusal':
      accountFor(block, ['text'], pen)
      return [{ type: 'refusal', refusal: block.text }]
    case 'image':
    case 'document':
    case 'audio':
      return isOwn(block) ? [ownMedia(block)] : foreignMedia(block, pen)
    default:
      pen.losses.whole(block, 'it has no place in the content of a message')
      return []
  }
}

function textPart(block: TextBlock, textType: string, pen: Pen): JsonObject {
  const part: Draft = { type: textType, text: block.text }
  if (isOwn(block)) put(part, 'annotations', block.citations)
  accountForText(block, putCacheMark(part, block, pen), pen)
  return part
}

/** OpenAI knows the mark from gpt-5.6 on, and refuses it before: a target must be known to take it. */
function putCacheMark(part: Draft, block: TextBlock | MediaBlock, { words, losses }: Pen): readonly 'cache'[] {
  if (!block.cache) return ['cache']
  if (!isOwn(block) && !words.has(cacheKey)) return []
  if (block.cache.ttl !== undefined)
    losses.approximated<TextBlock | MediaBlock>(block, 'cache', 'the mark has no lifetime here')
  part[cacheKey] = { mode: 'explicit' }
  return ['cache']
}

/** In the member it came in, so that an edit changes what was edited and nothing else. */
function ownMedia(block: MediaBlock): JsonObject {
  const key = keyFor(block, 'source', 'image_url')
  const { source, detail, fileName } = block
  const part: Draft = {}
  if (key === 'input_audio.data' && source.kind === 'base64') {
    put(part, key, source.base64)
    put(part, 'input_audio.format', audioFormatOf(source.mediaType))
  } else put(part, key, source.kind === 'file' ? source.fileId : urlOfSource(source))
  put(part, 'detail', detail)
  put(part, 'filename', fileName)
  if (block.cache) part[cacheKey] = { mode: 'explicit' }
  return part
}

function foreignMedia(block: MediaBlock, pen: Pen): readonly JsonObject[] {
  const { source, kind } = block
  if (source.kind === 'file') {
    pen.losses.whole(block, 'a file kept at one provider cannot be read by another')
    return []
  }
  if (kind === 'audio') {
    pen.losses.whole(block, 'the target takes no sound')
    return []
  }
  if (source.kind === 'blocks') {
    pen.losses.approximated(block, 'source', 'a document of blocks becomes these blocks')
    accountForMedia(block, ['source'], pen)
    return source.blocks.flatMap((inner) => freshParts(inner, 'input_text', pen))
  }
  if (kind === 'document' && source.kind === 'text') {
    pen.losses.approximated(block, 'source', 'a document of plain text becomes text')
    accountForMedia(block, ['source'], pen)
    return [{ type: 'input_text', text: source.text }]
  }
  const url = urlOfSource(source) ?? ''
  const part: Draft = kind === 'image' ? imagePart(block, url) : filePart(block, url)
  const marked = putCacheMark(part, block, pen)
  accountForMedia(block, [...carriedBy(block), ...marked], pen)
  return [part]
}

/** An address is told without a name. */
function carriedBy({ kind, source, fileName }: MediaBlock): readonly (keyof MediaBlock)[] {
  if (kind === 'image') return ['source', 'detail']
  if (source.kind === 'url') return ['source']
  return fileName === undefined ? ['source', 'title'] : ['source', 'fileName']
}

function imagePart(block: MediaBlock, url: string): Draft {
  return { type: 'input_image', image_url: url, detail: block.detail ?? 'auto' }
}

function filePart(block: MediaBlock, url: string): Draft {
  const { source } = block
  if (source.kind === 'url') return { type: 'input_file', file_url: url }
  return { type: 'input_file', filename: block.fileName ?? block.title ?? fileNameFor(source), file_data: url }
}

/** Citations that are not wanted need no word. */
function accountForMedia(block: MediaBlock, carried: readonly (keyof MediaBlock)[], pen: Pen): void {
  accountFor(block, block.wantsCitations === false ? [...carried, 'wantsCitations'] : carried, pen)
}
