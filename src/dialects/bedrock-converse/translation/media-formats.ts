import { audioFormatOf, audioTypeOf } from '../../shared/translation/media-source.ts'

/** Formats as Bedrock names them, by media type. Source: service model 2023-09-30, `DocumentFormat`. */
const documentFormats: Readonly<Record<string, string>> = {
  'application/pdf': 'pdf',
  'text/csv': 'csv',
  'application/msword': 'doc',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.ms-excel': 'xls',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'text/html': 'html',
  'text/plain': 'txt',
  'text/markdown': 'md',
}

export function documentFormatOf(mediaType: string): string | undefined {
  return documentFormats[bare(mediaType)]
}

export function documentTypeOf(format: string): string | undefined {
  return Object.entries(documentFormats).find(([, known]) => known === format)?.[0]
}

export function imageFormatOf(mediaType: string): string | undefined {
  const subtype = bare(mediaType).replace(/^image\//, '')
  const format = subtype === 'jpg' ? 'jpeg' : subtype
  return imageFormats.has(format) ? format : undefined
}

export function imageTypeOf(format: string): string | undefined {
  return imageFormats.has(format) ? `image/${format}` : undefined
}

export function soundFormatOf(mediaType: string): string | undefined {
  const format = audioFormatOf(bare(mediaType))
  return soundFormats.has(format) ? format : undefined
}

export function soundTypeOf(format: string): string | undefined {
  return soundFormats.has(format) ? audioTypeOf(format) : undefined
}

const imageFormats: ReadonlySet<string> = new Set(['png', 'jpeg', 'gif', 'webp'])
const soundFormats: ReadonlySet<string> = new Set(
  'mp3 opus wav aac flac mp4 ogg mkv mka x-aac m4a mpeg mpga pcm webm'.split(' '),
)

function bare(mediaType: string): string {
  return mediaType.toLowerCase().split(';')[0]?.trim() ?? ''
}
