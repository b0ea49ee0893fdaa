import type { MediaBlock, MediaSource, Message } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { isJsonArray } from '../../shared/call-fields.ts'
import type { WireFields } from '../../shared/translation/wire-fields.ts'
import { dialectName } from './own.ts'

/** Where the documents of a call stand: beside its messages. */
export const documentsPath = 'documents'

/** @returns the documents as one turn of the user's; `undefined` where there are none. */
export function readDocuments(call: WireFields): Message | undefined {
  const said = call.at(documentsPath)
  if (!isJsonArray(said) || said.length === 0 || !said.every(isDocument)) return undefined
  call.understand(documentsPath)
  const blocks = said.map((wire, index) => readDocument(wire, `${documentsPath}[${index}]`))
  const message: Message = { role: 'user', blocks, name: undefined }
  return hear(message, { dialect: dialectName, wire: said, path: documentsPath, heard: { role: '', blocks: '' } })
}

/** The keys under which the text of a document stands, as Cohere's pages write them. */
export const textKeys = ['text', 'snippet', 'content'] as const

/** One with a text and perhaps a title is that text; any other is the JSON that it is, since keys are read as well as values. */
function readDocument(wire: Json, path: string): MediaBlock {
  const data = isJsonObject(wire) ? wire['data'] : wire
  const plain = typeof data === 'string' ? { text: data, title: undefined } : plainIn(isJsonObject(data) ? data : {})
  const source: MediaSource = plain
    ? { kind: 'text', mediaType: 'text/plain', text: plain.text }
    : { kind: 'text', mediaType: 'application/json', text: JSON.stringify(data ?? null) }
  const block: MediaBlock = {
    kind: 'document',
    source,
    detail: undefined,
    fileName: undefined,
    title: plain?.title,
    note: undefined,
    wantsCitations: undefined,
    cache: undefined,
  }
  const key = isJsonObject(wire) ? 'data' : ''
  const heard = { source: key, ...(plain?.title !== undefined && { title: key }) }
  return hear(block, { dialect: dialectName, wire, path, heard })
}

function plainIn(data: JsonObject): { readonly text: string; readonly title: string | undefined } | undefined {
  const { title, ...others } = data
  const [only, ...more] = Object.entries(others)
  if (only === undefined || more.length > 0 || (title !== undefined && typeof title !== 'string')) return undefined
  const [key, text] = only
  return typeof text === 'string' && textKeys.some((known) => known === key) ? { text, title } : undefined
}

function isDocument(wire: Json): boolean {
  return (
    typeof wire === 'string' || (isJsonObject(wire) && (isJsonObject(wire['data']) || typeof wire['data'] === 'string'))
  )
}
