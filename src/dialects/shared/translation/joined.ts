import type { Json } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'

/**
 * Puts a change of an answer into the remembered one, also within lists that kept their length: the blocks of an answer
 * are no nodes that remember their wire values one by one.
 */
export function joined(was: Json, before: Json | undefined, after: Json): Json {
  if (JSON.stringify(before) === JSON.stringify(after)) return was
  if (Array.isArray(was) && Array.isArray(before) && Array.isArray(after)) {
    if (was.length !== after.length || before.length !== after.length) return after
    return after.map((value: Json, index) => joined(was[index] ?? null, before[index], value))
  }
  if (!isJsonObject(was) || !isJsonObject(before) || !isJsonObject(after)) return after
  const kept = Object.entries(was).flatMap(([key, value]): [string, Json][] => {
    if (!Object.hasOwn(after, key)) return Object.hasOwn(before, key) ? [] : [[key, value]]
    return [[key, joined(value, before[key], after[key] ?? null)]]
  })
  const added = Object.entries(after).filter(
    ([key, value]) => !Object.hasOwn(was, key) && JSON.stringify(before[key]) !== JSON.stringify(value),
  )
  return Object.fromEntries([...kept, ...added])
}
