import type { MediaBlock } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { originOf, rewrite } from '../../../canonical/origin.ts'
import { parseUnscannedJson } from '../../../wire/json-parse.ts'
import { documentText } from '../../shared/translation/document-text.ts'
import { loseBlock } from '../../shared/translation/lose-block.ts'
import { dialectName, isOwn } from './own.ts'
import { textKeys } from './read-documents.ts'

/**
 * A document as a call holds it beside its messages, or as the result of a tool holds it.
 * @returns `undefined` where it is no text; `losses` then tells so.
 */
export function writeDocument(block: MediaBlock, losses: Losses): Json | undefined {
  const written = rewrite(block, dialectName, (one) => freshDocument(one, losses) ?? null)
  return written ?? undefined
}

/** What a document says that was written so, as one text. */
export function writtenText(written: Json): string {
  const data = isJsonObject(written) ? (written['data'] ?? null) : written
  if (!isJsonObject(data)) return typeof data === 'string' ? data : JSON.stringify(data)
  const { text, ...others } = data
  return typeof text === 'string' && Object.keys(others).length === 0 ? text : JSON.stringify(data)
}

function freshDocument(block: MediaBlock, losses: Losses): Json | undefined {
  const text = documentText(block, losses, textOnly)
  if (text === undefined) {
    loseBlock(block, losses, textOnly)
    return undefined
  }
  const wire = originOf(block)?.wire
  if (isOwn(block) && typeof wire === 'string') return text
  if (block.wantsCitations !== undefined)
    losses.approximated(block, 'wantsCitations', 'Cohere cites from all documents, unasked')
  const value = isJson(block) && block.title === undefined ? parsed(text) : undefined
  return { data: isJsonObject(value) ? told(block, value, losses) : plainData(block, text, losses) }
}

const textOnly = 'Cohere reads documents as text only'

function told(block: MediaBlock, value: JsonObject, losses: Losses): JsonObject {
  losses.account(block, ['kind', 'source', 'wantsCitations'])
  return value
}

/** Keys are read as well as values (`Document` of cohere-ai 8.1.0), so that a title and a note have names of their own. */
function plainData(block: MediaBlock, text: string, losses: Losses): Json {
  const { title, fileName, note } = block
  const named = title ?? fileName
  const isNameTold = fileName === undefined || named === fileName
  const carried = ['kind', 'source', 'title', 'note', 'wantsCitations'] as const
  losses.account(block, [...carried, ...(isNameTold ? (['fileName'] as const) : [])])
  const data = originOf(block)?.wire
  const own = isOwn(block) && isJsonObject(data) ? data['data'] : undefined
  if (typeof own === 'string') return text
  const key = textKeys.find((known) => isJsonObject(own) && Object.hasOwn(own, known)) ?? 'text'
  return { ...(named !== undefined && { title: named }), ...(note !== undefined && { note }), [key]: text }
}

function isJson({ source }: MediaBlock): boolean {
  return 'mediaType' in source && source.mediaType.startsWith('application/json')
}

function parsed(text: string): Json | undefined {
  try {
    return parseUnscannedJson(text)
  } catch {
    // Not swallowed: what is no JSON is told as the text it is.
    return undefined
  }
}
