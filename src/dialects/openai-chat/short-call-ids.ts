import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import { isJsonArray } from '../call-fields.ts'
import type { BodyEdit } from '../dialect.ts'
import { textHash } from '../text-hash.ts'
import type { TargetWord } from '../translation.ts'

/**
 * Ids of tool calls that are nine letters or digits: Mistral refuses a call with any other (seen by many, 2024-07 to 2026-03), so
 * that a conversation that began elsewhere could not go on there. Ids pair calls with results within one body; it is enough
 * that equal ones stay equal.
 * @returns nothing where the target takes any id, or all of them are short.
 */
export function shortCallIdEdits(body: JsonObject, words: ReadonlySet<TargetWord> | undefined): readonly BodyEdit[] {
  const messages = body['messages']
  if (words?.has('short_call_ids') !== true || !isJsonArray(messages)) return []
  let isChanged = false
  const shortened = (id: Json | undefined): Json | undefined => {
    if (typeof id !== 'string' || shortId.test(id)) return undefined
    isChanged = true
    return shortIdFor(id)
  }
  const value = messages.map((message) => (isJsonObject(message) ? withShortIds(message, shortened) : message))
  return isChanged ? [{ key: 'messages', value }] : []
}

type Shorten = (id: Json | undefined) => Json | undefined

function withShortIds(message: JsonObject, shortened: Shorten): JsonObject {
  const { tool_calls: calls, tool_call_id: answered } = message
  const id = shortened(answered)
  return {
    ...message,
    ...(isJsonArray(calls) && { tool_calls: calls.map((call) => withShortId(call, shortened)) }),
    ...(id !== undefined && { tool_call_id: id }),
  }
}

function withShortId(call: Json, shortened: Shorten): Json {
  if (!isJsonObject(call)) return call
  const id = shortened(call['id'])
  return id === undefined ? call : { ...call, id }
}

const shortId = /^[A-Za-z0-9]{9}$/

/** 46 bits of two hashes: ids of one conversation stay apart. */
function shortIdFor(id: string): string {
  const bits = BigInt(`0x${textHash(id)}${textHash(`-${id}`)}`)
  return (bits % 36n ** 9n).toString(36).padStart(9, '0')
}
