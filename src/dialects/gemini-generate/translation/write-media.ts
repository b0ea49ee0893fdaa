import type { MediaBlock, MediaSource } from '../../../canonical/chat.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { isOwn } from './own.ts'

/** A picture, document or sound as a part; why it has no place here, where it has none. */
export function mediumWords(block: MediaBlock, losses: Losses): JsonObject | string {
  const words = sourceWords(block, losses)
  if (typeof words === 'string') return words
  // `auto` is what a model does when nobody says; that nothing is to be cited, too.
  const isDetailTold = block.detail === undefined || block.detail === 'auto'
  losses.account(block, [
    'kind',
    'source',
    ...(isOwn(block) ? (['fileName'] as const) : []),
    ...(isDetailTold ? (['detail'] as const) : []),
    ...(block.wantsCitations === false ? (['wantsCitations'] as const) : []),
  ])
  return words
}

function sourceWords(block: MediaBlock, losses: Losses): JsonObject | string {
  const { source } = block
  switch (source.kind) {
    case 'base64':
      return inline(source.mediaType, source.base64)
    case 'text':
      return inline(source.mediaType, Buffer.from(source.text).toString('base64'))
    case 'url':
      return { fileData: { ...mediaTypeOf(block.kind, source), fileUri: source.url } }
    case 'file':
      return isOwn(block) ? { fileData: { fileUri: source.fileId } } : 'a file that is kept at another provider'
    case 'blocks': {
      const texts = source.blocks.flatMap((inner) => (inner.kind === 'text' ? [inner.text] : []))
      if (texts.length === 0) return 'a document that is written in the call, of something else than text'
      losses.approximated(block, 'source', 'its texts are told as one')
      return inline('text/plain', Buffer.from(texts.join('\n')).toString('base64'))
    }
  }
}

function inline(mediaType: string, base64: string): JsonObject {
  const [plain = '', ...parameters] = mediaType.split(';')
  const told = plain.toLowerCase() === 'image/jpg' ? 'image/jpeg' : plain
  return { inlineData: { mimeType: [told, ...parameters].join(';'), data: base64 } }
}

/** Told by the name, since nothing is fetched on a client's behalf; without one, Google looks for itself. */
function mediaTypeOf(kind: MediaBlock['kind'], { url }: MediaSource & { readonly kind: 'url' }): JsonObject {
  const [, ending = ''] = /\.([a-z0-9]{2,5})(?:[?#]|$)/i.exec(url) ?? []
  const mimeType = mediaTypes.get(ending.toLowerCase()) ?? (kind === 'document' ? 'application/pdf' : undefined)
  return mimeType === undefined ? {} : { mimeType }
}

const mediaTypes: ReadonlyMap<string, string> = new Map([
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['webp', 'image/webp'],
  ['gif', 'image/gif'],
  ['heic', 'image/heic'],
  ['pdf', 'application/pdf'],
  ['txt', 'text/plain'],
  ['md', 'text/markdown'],
  ['html', 'text/html'],
  ['csv', 'text/csv'],
  ['mp3', 'audio/mp3'],
  ['wav', 'audio/wav'],
])
