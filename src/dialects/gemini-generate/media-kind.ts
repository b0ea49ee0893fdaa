/** What a media type is to a model. Source: Google's pages on vision, audio and documents, read 2026-11. */
export function kindOfMedia(mediaType: string | undefined): 'image' | 'audio' | 'video' | 'document' {
  const [kind] = (mediaType ?? '').toLowerCase().split('/')
  return kind === 'image' || kind === 'audio' || kind === 'video' ? kind : 'document'
}
