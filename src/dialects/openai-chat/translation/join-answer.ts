import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { patched } from '../../../canonical/origin.ts'

/**
 * Puts an edit into a remembered body or chunk, choice by choice, so that the rest stays as it came. A changed thought is
 * taken out of all its spellings and told anew: what a rule masked in one must not be read in another.
 * @param member where a choice keeps its message.
 */
export function joinAnswer(was: Json, before: Json, after: Json, member: 'message' | 'delta'): Json {
  const joined = patched(without(was, 'choices'), without(before, 'choices'), without(after, 'choices'))
  const [choices, earlier, later] = [was, before, after].map((one) => (isJsonObject(one) ? one['choices'] : undefined))
  if (!isJsonObject(joined) || !Array.isArray(choices) || !Array.isArray(later)) return after
  const isSameLength = Array.isArray(earlier) && choices.length === later.length && earlier.length === later.length
  const list = isSameLength
    ? choices.map((choice, index) => joinChoice(choice, earlier[index], later[index], member))
    : later
  return { ...joined, choices: list }
}

function joinChoice(was: Json, before: Json | undefined, after: Json | undefined, member: 'message' | 'delta'): Json {
  if (after === undefined) return was
  const message = messageIn(was, member)
  const [earlier, later] = [messageIn(before, member), messageIn(after, member)]
  const isList = Array.isArray(message['content'])
  const isChanged =
    textOf(thoughtsIn(earlier)) !== textOf(thoughtsIn(later)) || (isList && earlier['content'] !== later['content'])
  const keys = isChanged ? [...thoughtKeys, ...(isList ? ['content'] : [])] : []
  const joined = patched(without(message, ...keys), without(earlier, ...keys), later)
  const outer = patched(without(was, member), without(before ?? null, member), without(after, member))
  return isJsonObject(outer) ? { ...outer, [member]: joined } : after
}

const thoughtKeys = ['reasoning', 'reasoning_content', 'reasoning_details'] as const

function thoughtsIn(message: JsonObject): readonly (Json | undefined)[] {
  return thoughtKeys.map((key) => message[key])
}

function textOf(values: readonly (Json | undefined)[]): string {
  return JSON.stringify(values)
}

function messageIn(choice: Json | undefined, member: string): JsonObject {
  const message = isJsonObject(choice) ? choice[member] : undefined
  return isJsonObject(message) ? message : {}
}

function without(value: Json, ...keys: readonly string[]): Json {
  if (!isJsonObject(value) || keys.length === 0) return value
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)))
}
