import type { Block, MediaBlock, MediaSource } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { isJsonArray } from '../../shared/call-fields.ts'
import { Hearing } from './hearing.ts'

type ReadBlocks = (content: string | readonly Json[], path: string) => readonly Block[]

export function readImage(wire: JsonObject, path: string): MediaBlock | undefined {
  const hearing = new Hearing(wire, path, 'type')
  const source = readSource(hearing, undefined)
  if (source === undefined) return undefined
  return hearing.node<MediaBlock>({ ...notOurs, kind: 'image', source, ...noDocument, cache: hearing.cache() })
}

/** @param readBlocks for a document that is written in the call itself. */
export function readDocument(wire: JsonObject, path: string, readBlocks: ReadBlocks): MediaBlock | undefined {
  const hearing = new Hearing(wire, path, 'type')
  const source = readSource(hearing, readBlocks)
  if (source === undefined) return undefined
  return hearing.node<MediaBlock>({
    ...notOurs,
    kind: 'document',
    source,
    title: hearing.text('title', 'title'),
    note: hearing.text('note', 'context'),
    wantsCitations: hearing.flag('wantsCitations', 'citations.enabled'),
    cache: hearing.cache(),
  })
}

/** What a search gave, in pieces of text. */
export function readSearchResult(wire: JsonObject, path: string, readBlocks: ReadBlocks): MediaBlock | undefined {
  const hearing = new Hearing(wire, path, 'type')
  const foundAt = hearing.text('foundAt', 'source')
  const title = hearing.text('title', 'title')
  const pieces = hearing.list('source', 'content')
  if (foundAt === undefined || title === undefined || pieces === undefined) return undefined
  return hearing.node<MediaBlock>({
    ...notOurs,
    kind: 'document',
    source: { kind: 'blocks', blocks: readBlocks(pieces, `${path}.content`) },
    title,
    note: undefined,
    wantsCitations: hearing.flag('wantsCitations', 'citations.enabled'),
    cache: hearing.cache(),
    foundAt,
  })
}

const notOurs = { detail: undefined, fileName: undefined } as const
const noDocument = { title: undefined, note: undefined, wantsCitations: undefined } as const

function readSource(hearing: Hearing, readBlocks: ReadBlocks | undefined): MediaSource | undefined {
  const { source: said } = hearing.wire
  if (!isJsonObject(said)) return undefined
  const { type, media_type: mediaType, data, url, file_id: fileId, content } = said
  switch (type) {
    case 'base64':
      if (typeof mediaType !== 'string' || typeof data !== 'string') return undefined
      hearing.understood('source', 'source', 'type', 'media_type', 'data')
      return { kind: 'base64', mediaType, base64: data }
    case 'url':
      if (typeof url !== 'string') return undefined
      hearing.understood('source', 'source', 'type', 'url')
      return { kind: 'url', url }
    case 'file':
      if (typeof fileId !== 'string') return undefined
      hearing.understood('source', 'source', 'type', 'file_id')
      return { kind: 'file', fileId }
    case 'text':
      if (typeof mediaType !== 'string' || typeof data !== 'string') return undefined
      hearing.understood('source', 'source', 'type', 'media_type', 'data')
      return { kind: 'text', mediaType, text: data }
    case 'content':
      if (readBlocks === undefined || (typeof content !== 'string' && !isJsonArray(content))) return undefined
      hearing.understood('source', 'source', 'type', 'content')
      return { kind: 'blocks', blocks: readBlocks(content, `${hearing.path}.source.content`) }
    default:
      return undefined
  }
}
