/** Formats that dialects name by a word (Bedrock's `format`, OpenAI's for sound), and other names of the same type. */
const typeOfName: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  'image/jpg': 'image/jpeg',
  'image/pjpeg': 'image/jpeg',
  pdf: 'application/pdf',
  'application/x-pdf': 'application/pdf',
  txt: 'text/plain',
  md: 'text/markdown',
  csv: 'text/csv',
  html: 'text/html',
  doc: 'application/msword',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xls: 'application/vnd.ms-excel',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  wav: 'audio/wav',
  'audio/x-wav': 'audio/wav',
  'audio/wave': 'audio/wav',
  mp3: 'audio/mpeg',
  'audio/mp3': 'audio/mpeg',
  flac: 'audio/flac',
  opus: 'audio/ogg',
  mp4: 'video/mp4',
  webm: 'video/webm',
  mov: 'video/quicktime',
  mkv: 'video/x-matroska',
}

/** A media type (RFC 6838) in small letters and without parameters, from what a call says; `undefined`: it says none. */
export function mediaTypeOf(told: string | undefined): string | undefined {
  const name = told?.split(';')[0]?.trim().toLowerCase()
  if (name === undefined || name === '') return undefined
  // What clients say of anything.
  if (name === 'application/octet-stream') return undefined
  return typeOfName[name] ?? (name.includes('/') ? name : undefined)
}

/* oxlint-disable no-control-regex -- files of bytes begin with just such */
/** How files begin, by their makers' pages and the registry of WHATWG's MIME sniffing; the first that fits is it. */
const magic: readonly (readonly [type: string, opening: RegExp])[] = [
  ['image/png', /^\x89PNG\r\n\x1a\n/],
  ['image/jpeg', /^\xff\xd8\xff/],
  ['image/gif', /^GIF8[79]a/],
  ['image/webp', /^RIFF.{4}WEBP/s],
  ['image/bmp', /^BM.{4}\0\0\0\0/s],
  ['image/tiff', /^(?:II\*\0|MM\0\*)/],
  ['image/heic', /^.{4}ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1)/s],
  ['image/avif', /^.{4}ftypavi[fs]/s],
  ['audio/mp4', /^.{4}ftypM4[AB] /s],
  ['video/quicktime', /^.{4}ftypqt {2}/s],
  ['video/mp4', /^.{4}ftyp/s],
  ['audio/wav', /^RIFF.{4}WAVE/s],
  ['audio/mpeg', /^(?:ID3|\xff[\xfb\xf3\xf2])/],
  ['audio/flac', /^fLaC/],
  ['audio/ogg', /^OggS/],
  ['video/webm', /^\x1a\x45\xdf\xa3/],
  ['application/pdf', /^[\s\u00bb\u00ef\u00bf]{0,16}%PDF-/],
  ['application/zip', /^PK(?:\x03\x04|\x05\x06|\x07\x08)/],
  ['application/gzip', /^\x1f\x8b/],
  ['application/x-7z-compressed', /^7z\xbc\xaf\x27\x1c/],
  ['application/vnd.rar', /^Rar!\x1a\x07/],
  ['application/x-ole-storage', /^\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1/],
  ['application/x-msdownload', /^MZ/],
  ['application/x-elf', /^\x7fELF/],
  ['application/rtf', /^\{\\rtf/],
  [
    'image/svg+xml',
    /^\s{0,64}(?:<\?xml[^>]{0,200}>\s{0,64})?(?:<!--.{0,200}?-->\s{0,64})?(?:<!doctype svg[^>]{0,200}>\s{0,64})?<svg[\s>]/is,
  ],
  ['text/html', /^\s{0,64}(?:<!--.{0,200}?-->\s{0,64})?<(?:!doctype html|html|head|body|script|iframe)[\s>]/is],
]

/* oxlint-enable no-control-regex */

/** The type that the first bytes of a file say; `undefined`: none that is known, as of plain text. */
export function sniffedType(head: Buffer): string | undefined {
  const text = head.toString('latin1')
  return magic.find(([, opening]) => opening.test(text))?.[0]
}

/** Types whose files begin with bytes of their own: one that does not is none. */
const beginsAlike: ReadonlySet<string> = new Set(magic.map(([type]) => type))

/** What the bytes of a file say against the type that the call says; `undefined`: nothing. */
export function mismatchOf(declared: string, head: Buffer): string | undefined {
  const sniffed = sniffedType(head)
  if (sniffed === undefined) {
    if (
      declared.startsWith('text/') &&
      head.includes(0) &&
      !/^(?:\xff\xfe|\xfe\xff)/.test(head.toString('latin1', 0, 2))
    )
      return 'holds bytes that no text does'
    return beginsAlike.has(declared) && !declared.startsWith('text/') ? 'does not begin as one' : undefined
  }
  return sniffed === declared || isWrapped(declared, sniffed) ? undefined : `begins as ${sniffed} does`
}

/** Types that are told from another only deep inside. */
function isWrapped(declared: string, sniffed: string): boolean {
  switch (sniffed) {
    case 'application/zip':
      return /^application\/(?:vnd\.openxmlformats|vnd\.oasis|epub\+zip|java-archive|x-zip)/.test(declared)
    case 'application/x-ole-storage':
      return /^application\/(?:msword|vnd\.ms-|vnd\.visio)/.test(declared)
    case 'video/mp4':
    case 'audio/mp4':
      return /^(?:video|audio)\/(?:mp4|m4a|x-m4a|3gpp|quicktime)$/.test(declared)
    case 'video/webm':
      return /^(?:video|audio)\/(?:webm|x-matroska)$/.test(declared)
    case 'audio/ogg':
      return /^(?:video|audio|application)\/(?:ogg|opus)$/.test(declared)
    case 'image/svg+xml':
    case 'text/html':
      return /^text\/(?!html)|xml$/.test(declared)
    case 'application/rtf':
      return declared === 'text/rtf'
    default:
      return false
  }
}
