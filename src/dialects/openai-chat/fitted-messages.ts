import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import { isJsonArray } from '../shared/call-fields.ts'
import type { BodyEdit } from '../dialect.ts'
import { textHash } from '../shared/translation/text-hash.ts'
import type { TargetWord } from '../translation.ts'

/**
 * Messages as a target takes them, where it refuses a whole call for what others take. Nothing is lost by it.
 * - `short_call_ids`: ids of tool calls are nine letters or digits. Mistral refuses any other (seen by many, 2024-07 to 2026-03), so
 *   that a conversation that began elsewhere could not go on there. Ids pair calls with results within one body; it is
 *   enough that equal ones stay equal.
 * - `system_role`: the developer's turns are the system's, which is what they were called before.
 * @returns nothing where the messages are as the target takes them.
 */
export function fittedMessages(body: JsonObject, words: ReadonlySet<TargetWord> | undefined): readonly BodyEdit[] {
  const { messages } = body
  if (words === undefined || !isJsonArray(messages)) return []
  const wantsShortIds = words.has('short_call_ids')
  const wantsSystem = words.has('system_role')
  if (!wantsShortIds && !wantsSystem) return []
  let isChanged = false
  const value = messages.map((message) => {
    if (!isJsonObject(message)) return message
    const named = wantsShortIds ? withShortIds(message) : message
    const fitted = wantsSystem && named['role'] === 'developer' ? { ...named, role: 'system' } : named
    isChanged ||= fitted !== message
    return fitted
  })
  return isChanged ? [{ key: 'messages', value }] : []
}

/** The same object where all of its ids are short. */
function withShortIds(message: JsonObject): JsonObject {
  const { tool_calls: calls, tool_call_id: answered } = message
  const answer = longId(answered)
  const isAsked = isJsonArray(calls) && calls.some((call) => isJsonObject(call) && longId(call['id']) !== undefined)
  if (answer === undefined && !isAsked) return message
  return {
    ...message,
    ...(isAsked && { tool_calls: calls.map(withShortId) }),
    ...(answer !== undefined && { tool_call_id: shortIdFor(answer) }),
  }
}

function withShortId(call: Json): Json {
  const id = isJsonObject(call) ? longId(call['id']) : undefined
  return isJsonObject(call) && id !== undefined ? { ...call, id: shortIdFor(id) } : call
}

function longId(id: Json | undefined): string | undefined {
  return typeof id === 'string' && !/^[A-Za-z0-9]{9}$/.test(id) ? id : undefined
}

/** 46 bits of two hashes: ids of one conversation stay apart. */
function shortIdFor(id: string): string {
  const bits = BigInt(`0x${textHash(id)}${textHash(`-${id}`)}`)
  return (bits % 36n ** 9n).toString(36).padStart(9, '0')
}
