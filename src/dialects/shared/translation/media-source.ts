import type { MediaBlock, MediaSource } from '../../../canonical/chat.ts'

/** A URL as it stands in a body: one that holds its bytes becomes those bytes. */
export function sourceOfUrl(url: string): MediaSource {
  const found = dataUri.exec(url)
  const mediaType = found?.groups?.['type']
  if (!found || mediaType === undefined) return { kind: 'url', url }
  return { kind: 'base64', mediaType: mediaType.toLowerCase(), base64: url.slice(found[0].length) }
}

/** The URL that says the same; `undefined` for what has none. */
export function urlOfSource(source: MediaSource): string | undefined {
  switch (source.kind) {
    case 'base64':
      return `data:${source.mediaType};base64,${source.base64}`
    case 'url':
      return source.url
    case 'text':
      return `data:${source.mediaType};base64,${Buffer.from(source.text).toString('base64')}`
    case 'file':
    case 'blocks':
      return undefined
    default:
      return source satisfies never
  }
}

/** What a file is, by what it says of itself; what is neither seen nor heard is read. */
export function kindOfMedia(source: MediaSource, otherwise: MediaBlock['kind'] = 'document'): MediaBlock['kind'] {
  const mediaType = 'mediaType' in source ? source.mediaType : ''
  if (mediaType.startsWith('image/')) return 'image'
  if (mediaType.startsWith('audio/')) return 'audio'
  if (mediaType !== '') return 'document'
  // behaviour of clients that give pictures and documents in the same member: only the address tells them apart.
  return source.kind === 'url' && /\.pdf(?:[?#]|$)/i.test(source.url) ? 'document' : otherwise
}

/** The formats of `input_audio` (API description 2.3.0) and those that its copies add are subtypes of `audio`, but for mp3. */
export function audioTypeOf(format: string): string {
  return format === 'mp3' ? 'audio/mpeg' : `audio/${format}`
}

export function audioFormatOf(mediaType: string): string {
  const subtype = mediaType.slice(mediaType.indexOf('/') + 1).replace(/^x-/, '')
  return subtype === 'mpeg' ? 'mp3' : subtype === 'wave' ? 'wav' : subtype
}

/** A name for a document that came without one, since providers tell formats by the name's ending. */
export function fileNameFor(source: MediaSource): string {
  const mediaType = 'mediaType' in source ? source.mediaType : ''
  return mediaType === 'text/plain' ? 'document.txt' : mediaType === 'text/markdown' ? 'document.md' : 'document.pdf'
}

/** Only the common form, without parameters: others stay the URL they are. */
const dataUri = /^data:(?<type>[\w.+-]+\/[\w.+-]+);base64,/i
