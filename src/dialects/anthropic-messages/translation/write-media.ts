import type { Block, MediaBlock, MediaSource } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { cacheControl } from './cache-control.ts'
import { loseBlock } from '../../shared/translation/lose-block.ts'
import { isOwn } from './own.ts'

type WriteContent = (blocks: readonly Block[], losses: Losses) => string | readonly Json[]

/** @returns `undefined` when Anthropic takes nothing of the kind; `losses` then tells so. */
export function writeMedia(block: MediaBlock, losses: Losses, writeContent: WriteContent): JsonObject | undefined {
  const { foundAt, source } = block
  if (foundAt !== undefined && source.kind === 'blocks')
    return { type: 'search_result', source: foundAt, ...asSearchResult(block, source, losses, writeContent) }
  const placed = placeOf(block)
  if (typeof placed === 'string') {
    loseBlock(block, losses, placed)
    return undefined
  }
  const written = { type: placed.type, source: writeSource(placed.source, losses, writeContent) }
  if (placed.why !== undefined) losses.approximated(block, 'source', placed.why)
  return placed.type === 'image'
    ? { ...written, ...asImage(block, losses) }
    : { ...written, ...asDocument(block, losses) }
}

interface Place {
  readonly type: 'image' | 'document'
  readonly source: MediaSource
  /** Set when the source is not told exactly. */
  readonly why?: string
}

/** Where a medium belongs, or why nowhere. Sources: the SDK's `ImageBlockParam` and `DocumentBlockParam`, 1.12.0. */
function placeOf(block: MediaBlock): Place | string {
  const { kind, source } = block
  if (kind === 'audio') return 'Anthropic takes no audio'
  if (source.kind === 'file' && !isOwn(block)) return 'a file that is kept at another provider'
  if (source.kind === 'base64') return placeOfBytes(source)
  // Told by its name, since nothing is fetched on a client's behalf (behaviour.md E1).
  if (source.kind === 'url' && kind === 'image' && /\.pdf(?:$|[?#])/i.test(source.url))
    return { type: 'document', source }
  if (source.kind === 'text' && source.mediaType !== 'text/plain')
    return { type: 'document', source: { ...source, mediaType: 'text/plain' }, why: 'told as plain text' }
  return { type: kind, source }
}

function placeOfBytes(source: MediaSource & { readonly kind: 'base64' }): Place | string {
  const [mediaType = ''] = source.mediaType.toLowerCase().split(';')
  const known = mediaType === 'image/jpg' ? 'image/jpeg' : mediaType
  if (imageTypes.has(known)) return { type: 'image', source: { ...source, mediaType: known } }
  if (known === 'application/pdf') return { type: 'document', source: { ...source, mediaType: known } }
  if (!known.startsWith('text/')) return `Anthropic takes JPEG, PNG, GIF and WebP images, PDF and text, not ${known}`
  const text = Buffer.from(source.base64, 'base64').toString('utf8')
  const plain = { type: 'document', source: { kind: 'text', mediaType: 'text/plain', text } } as const
  return known === 'text/plain' ? plain : { ...plain, why: 'told as plain text' }
}

const imageTypes: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp'])

function writeSource(source: MediaSource, losses: Losses, writeContent: WriteContent): JsonObject {
  switch (source.kind) {
    case 'base64':
      return { type: 'base64', media_type: source.mediaType, data: source.base64 }
    case 'url':
      return { type: 'url', url: source.url }
    case 'file':
      return { type: 'file', file_id: source.fileId }
    case 'text':
      return { type: 'text', media_type: source.mediaType, data: source.text }
    case 'blocks':
      return { type: 'content', content: writeContent(source.blocks, losses) }
  }
}

/** A search result must have a title, and holds pieces of text (`SearchResultBlockParam` of the SDK 1.12.0). */
function asSearchResult(
  block: MediaBlock,
  { blocks }: MediaSource & { readonly kind: 'blocks' },
  losses: Losses,
  writeContent: WriteContent,
): JsonObject {
  const { title = '', wantsCitations, cache } = block
  const content = writeContent(blocks, losses)
  losses.account(block, ['kind', 'source', 'title', 'wantsCitations', 'cache', 'foundAt'])
  return {
    title,
    content: typeof content === 'string' ? [{ type: 'text', text: content }] : content,
    ...(wantsCitations !== undefined && { citations: { enabled: wantsCitations } }),
    ...cacheControl(cache),
  }
}

function asImage(block: MediaBlock, losses: Losses): JsonObject {
  // `auto` is what a model does when nobody says.
  const isDetailTold = block.detail === undefined || block.detail === 'auto'
  losses.account(block, ['kind', 'source', 'cache', ...(isDetailTold ? (['detail'] as const) : [])])
  return cacheControl(block.cache)
}

function asDocument(block: MediaBlock, losses: Losses): JsonObject {
  const { title, fileName, note, wantsCitations, cache } = block
  const named = title ?? fileName
  const isNameTold = title === undefined || fileName === undefined || title === fileName
  losses.account(block, [
    ...(['kind', 'source', 'title', 'note', 'wantsCitations', 'cache'] as const),
    ...(isNameTold ? (['fileName'] as const) : []),
  ])
  return {
    ...(named !== undefined && { title: named }),
    ...(note !== undefined && { context: note }),
    ...(wantsCitations !== undefined && { citations: { enabled: wantsCitations } }),
    ...cacheControl(cache),
  }
}
