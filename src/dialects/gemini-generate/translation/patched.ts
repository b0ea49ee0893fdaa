import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { camelCase } from '../../vendors/gemini/spelling.ts'

/**
 * Keeps everything of `was` but the members whose fresh writing differs, as `canonical/origin.ts` does it; but the remembered value
 * may spell its members in the other way, and keeps its spelling. Lists change whole.
 */
export function patched(was: Json, before: Json | undefined, after: Json): Json {
  if (!isJsonObject(was) || !isJsonObject(before) || !isJsonObject(after)) return after
  const spelled = new Set(Object.keys(was).map((key) => freshKey(key, before, after)))
  const kept = Object.entries(was).flatMap(([key, value]): readonly (readonly [string, Json])[] => {
    const fresh = freshKey(key, before, after)
    const [former, next] = [memberOf(before, fresh), memberOf(after, fresh)]
    if (isSame(former, next)) return [[key, value]]
    return next === undefined ? [] : [[key, patched(value, former, next)]]
  })
  const added = Object.entries(after).filter(
    ([key, value]) => !spelled.has(key) && !isSame(memberOf(before, key), value),
  )
  return Object.fromEntries([...kept, ...added])
}

/** A key of the caller's own (an argument of a tool) is itself in both. */
function freshKey(key: string, before: JsonObject, after: JsonObject): string {
  return Object.hasOwn(before, key) || Object.hasOwn(after, key) ? key : camelCase(key)
}

function memberOf(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

function isSame(left: Json | undefined, right: Json | undefined): boolean {
  return left === right || JSON.stringify(left) === JSON.stringify(right)
}
