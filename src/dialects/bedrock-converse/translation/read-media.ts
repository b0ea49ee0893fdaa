import type { Block, MediaBlock, MediaSource } from '../../../canonical/chat.ts'
import { heardMedia } from '../../shared/translation/heard-media.ts'
import type { WireFields } from '../../shared/translation/wire-fields.ts'
import { documentTypeOf, imageTypeOf, soundTypeOf } from './media-formats.ts'
import { markOf, type Marked } from './marked.ts'
import { readTexts } from './read-texts.ts'

/** Videos are kept whole: nobody else reads them. */
export function readImage(fields: WireFields, { point }: Marked): MediaBlock | undefined {
  const source = readBytes(fields, 'image', imageTypeOf) ?? readFile(fields, 'image')
  return source && heardMedia(fields, 'image', source, {}, markOf(point))
}

export function readSound(fields: WireFields, { point }: Marked): MediaBlock | undefined {
  const source = readBytes(fields, 'audio', soundTypeOf) ?? readFile(fields, 'audio')
  return source && heardMedia(fields, 'audio', source, {}, markOf(point))
}

export function readDocument(fields: WireFields, { point }: Marked): MediaBlock | undefined {
  const source =
    readBytes(fields, 'document', documentTypeOf) ??
    readFile(fields, 'document') ??
    readText(fields) ??
    readPieces(fields)
  if (source === undefined) return undefined
  return fields.hear<MediaBlock>({
    kind: 'document',
    source,
    detail: undefined,
    fileName: fields.text('fileName', 'document.name'),
    title: undefined,
    note: fields.text('note', 'document.context'),
    wantsCitations: fields.flag('wantsCitations', 'document.citations.enabled'),
    cache: markOf(point),
  })
}

/** What a search gave, in pieces of text. */
export function readSearchResult(fields: WireFields, { point }: Marked): MediaBlock | undefined {
  const foundAt = fields.text('foundAt', 'searchResult.source')
  const title = fields.text('title', 'searchResult.title')
  const pieces = fields.list('source', 'searchResult.content')
  if (foundAt === undefined || title === undefined || pieces === undefined) return undefined
  return fields.hear<MediaBlock>({
    kind: 'document',
    source: { kind: 'blocks', blocks: readTexts(pieces, `${fields.path}.searchResult.content`) },
    detail: undefined,
    fileName: undefined,
    title,
    note: undefined,
    wantsCitations: fields.flag('wantsCitations', 'searchResult.citations.enabled'),
    cache: markOf(point),
    foundAt,
  })
}

function readBytes(
  fields: WireFields,
  kind: string,
  typeOf: (format: string) => string | undefined,
): MediaSource | undefined {
  const [base64, format] = [fields.at(`${kind}.source.bytes`), fields.at(`${kind}.format`)]
  const mediaType = typeof format === 'string' ? typeOf(format) : undefined
  if (typeof base64 !== 'string' || mediaType === undefined) return undefined
  heardSource(fields, kind, 'bytes')
  return { kind: 'base64', mediaType, base64 }
}

/** In a bucket of the caller's own at Amazon. */
function readFile(fields: WireFields, kind: string): MediaSource | undefined {
  const uri = fields.at(`${kind}.source.s3Location.uri`)
  if (typeof uri !== 'string') return undefined
  heardSource(fields, kind, 's3Location.uri')
  return { kind: 'file', fileId: uri }
}

function readText(fields: WireFields): MediaSource | undefined {
  const [text, format] = [fields.at('document.source.text'), fields.at('document.format')]
  if (typeof text !== 'string') return undefined
  heardSource(fields, 'document', 'text')
  const mediaType = typeof format === 'string' ? documentTypeOf(format) : undefined
  return { kind: 'text', mediaType: mediaType ?? 'text/plain', text }
}

function readPieces(fields: WireFields): MediaSource | undefined {
  const pieces = fields.at('document.source.content')
  if (!Array.isArray(pieces)) return undefined
  const blocks: readonly Block[] = readTexts(pieces, `${fields.path}.document.source.content`)
  heardSource(fields, 'document', 'content')
  return { kind: 'blocks', blocks }
}

function heardSource(fields: WireFields, kind: string, key: string): void {
  fields.note('source', `${kind}.source`)
  fields.understand(`${kind}.source.${key}`, `${kind}.format`)
}
