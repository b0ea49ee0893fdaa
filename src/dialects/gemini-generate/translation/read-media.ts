import type { MediaBlock, MediaSource } from '../../../canonical/chat.ts'
import { kindOfMedia } from '../media-kind.ts'
import type { Hearing } from './hearing.ts'

/** Bytes in the body, or an address: of a file that was uploaded to Google, or of any page. Videos are kept whole: nobody else reads them. */
export function readMedium(hearing: Hearing, key: 'inlineData' | 'fileData'): MediaBlock | undefined {
  const mediaType = hearing.text('kind', `${key}.mimeType`)
  const kind = kindOfMedia(mediaType)
  const source = key === 'inlineData' ? readBytes(hearing, mediaType) : readFile(hearing)
  if (source === undefined || kind === 'video') return undefined
  return hearing.node<MediaBlock>({
    kind,
    source,
    detail: undefined,
    fileName: hearing.text('fileName', `${key}.displayName`),
    title: undefined,
    note: undefined,
    wantsCitations: undefined,
    cache: undefined,
  })
}

function readBytes(hearing: Hearing, mediaType: string | undefined): MediaSource | undefined {
  const base64 = hearing.text('source', 'inlineData.data')
  return base64 === undefined || mediaType === undefined
    ? undefined
    : { kind: 'base64', mediaType, base64: inStandardLetters(base64) }
}

/** Google reads both alphabets of base64 (ProtoJSON), and its Python client writes the one for URLs. */
function inStandardLetters(base64: string): string {
  return /[-_]/.test(base64) ? base64.replaceAll('-', '+').replaceAll('_', '/') : base64
}

function readFile(hearing: Hearing): MediaSource | undefined {
  const url = hearing.text('source', 'fileData.fileUri')
  if (url === undefined) return undefined
  return isGooglesOwn.test(url) ? { kind: 'file', fileId: url } : { kind: 'url', url }
}

/** Files API, Cloud Storage, and what only Google's models watch. */
const isGooglesOwn =
  /^(?:gs:|https:\/\/generativelanguage\.googleapis\.com\/|https:\/\/(?:www\.)?(?:youtube\.com|youtu\.be)\/|files\/)/i
