import type { MediaBlock, MediaSource } from '../../../canonical/chat.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { loseBlock } from '../../shared/translation/lose-block.ts'
import { pointWords } from './marked.ts'
import { documentFormatOf, imageFormatOf, soundFormatOf } from './media-formats.ts'
import { isOwn } from './own.ts'
import type { Pen } from './pen.ts'

/** @returns none when Bedrock takes nothing of the kind; `losses` then tells so. */
export function writeMedia(block: MediaBlock, pen: Pen): readonly JsonObject[] {
  const found = searchResult(block, pen)
  if (found) return [{ searchResult: found }, ...pointWords(block.cache)]
  const placed = placeOf(block, pen.losses)
  if (typeof placed === 'string') {
    loseBlock(block, pen.losses, placed)
    return []
  }
  const { kind, ...words } = placed
  const more = kind === 'document' ? asDocument(block, pen) : asSeenOrHeard(block, pen)
  return [{ [kind]: { ...words, ...more } }, ...pointWords(block.cache)]
}

/** Only Anthropic's models take them (service model 2023-09-30): for others what a search gave is a document. */
function searchResult(block: MediaBlock, { losses, maker }: Pen): JsonObject | undefined {
  const { foundAt, source, title, wantsCitations } = block
  const content = source.kind === 'blocks' ? textsOf(source, losses) : undefined
  const isTaken = isOwn(block) || maker === 'anthropic' || maker === 'unknown'
  if (foundAt === undefined || title === undefined || content === undefined || !isTaken) return undefined
  losses.account(block, ['kind', 'source', 'title', 'wantsCitations', 'cache', 'foundAt'])
  return {
    source: foundAt,
    title,
    content,
    ...(wantsCitations !== undefined && { citations: { enabled: wantsCitations } }),
  }
}

interface Place {
  readonly kind: MediaBlock['kind']
  readonly format?: string
  readonly source: JsonObject
}

/** Where a medium belongs, or why nowhere. Source: service model 2023-09-30. */
function placeOf(block: MediaBlock, losses: Losses): Place | string {
  const { source } = block
  switch (source.kind) {
    case 'base64': {
      const { mediaType, base64: bytes } = source
      const found = formatOf(mediaType)
      return found ? { ...found, source: { bytes } } : `Bedrock takes nothing of the type ${mediaType}`
    }
    case 'text':
      return { kind: 'document', format: documentFormatOf(source.mediaType) ?? 'txt', source: { text: source.text } }
    case 'blocks': {
      const content = textsOf(source, losses)
      return content ? { kind: 'document', source: { content } } : 'a document written in the call holds texts only'
    }
    case 'file':
      return isOwn(block)
        ? { kind: block.kind, ...bucketFormat(source.fileId), source: { s3Location: { uri: source.fileId } } }
        : 'a file that is kept at another provider'
    case 'url':
      // Nothing is fetched on a client's behalf (behaviour.md E1), and Bedrock fetches from S3 only.
      return 'Bedrock takes bytes, and no address but of S3'
  }
}

function formatOf(mediaType: string): Pick<Place, 'kind' | 'format'> | undefined {
  for (const [kind, format] of [
    ['image', imageFormatOf(mediaType)],
    ['document', documentFormatOf(mediaType)],
    ['audio', mediaType.toLowerCase().startsWith('audio/') ? soundFormatOf(mediaType) : undefined],
  ] as const)
    if (format !== undefined) return { kind, format }
  return undefined
}

function bucketFormat(uri: string): { readonly format?: string } {
  const [, ending] = /\.([a-z0-9]+)$/i.exec(uri) ?? []
  if (ending === undefined) return {}
  const format = ending.toLowerCase()
  return { format: format === 'jpg' ? 'jpeg' : format }
}

function textsOf(
  { blocks }: MediaSource & { readonly kind: 'blocks' },
  losses: Losses,
): readonly JsonObject[] | undefined {
  const texts = blocks.filter((block) => block.kind === 'text')
  if (texts.length < blocks.length) return undefined
  for (const block of texts) losses.account(block, ['kind', 'text'])
  return texts.map(({ text }) => ({ text }))
}

function asSeenOrHeard(block: MediaBlock, { losses }: Pen): JsonObject {
  // `auto` is what a model does when nobody says.
  const isDetailTold = block.detail === undefined || block.detail === 'auto'
  losses.account(block, ['kind', 'source', 'cache', ...(isDetailTold ? (['detail'] as const) : [])])
  return {}
}

/** A document must have a name. */
function asDocument(block: MediaBlock, { losses, documentName }: Pen): JsonObject {
  const { title, fileName, note, wantsCitations } = block
  const isDetailTold = block.detail === undefined || block.detail === 'auto'
  const field = title === undefined ? 'fileName' : 'title'
  const name = isOwn(block) && fileName !== undefined ? fileName : documentName(block[field])
  losses.account(block, [
    ...(['kind', 'source', 'note', 'wantsCitations', 'cache', field] as const),
    ...(title === fileName ? (['fileName'] as const) : []),
    ...(isDetailTold ? (['detail'] as const) : []),
  ])
  if (block[field] !== undefined && name !== block[field])
    losses.approximated(
      block,
      field,
      'told in the characters that Bedrock takes for the name of a document, each name once',
    )
  if (block.source.kind === 'text' && documentFormatOf(block.source.mediaType) === undefined)
    losses.approximated(block, 'source', 'told as plain text')
  return {
    name,
    ...(note !== undefined && { context: note }),
    ...(wantsCitations !== undefined && { citations: { enabled: wantsCitations } }),
  }
}
