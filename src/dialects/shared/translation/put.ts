import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'

/** An object as it is being written. */
export type Draft = { [key: string]: Json }

/** Sets a member, dotted where it lies deeper. `undefined` is not said. */
export function put(draft: Draft, key: string, value: Json | undefined): void {
  if (value === undefined) return
  const dot = key.indexOf('.')
  if (dot < 0) {
    draft[key] = value
    return
  }
  const outer = key.slice(0, dot)
  const held = draft[outer]
  const inner: Draft = isJsonObject(held) ? { ...held } : {}
  put(inner, key.slice(dot + 1), value)
  draft[outer] = inner
}

/** A list of one as that one, so that an edit can be put into the object it came from. */
export function single(list: readonly JsonObject[]): Json {
  const [first] = list
  return list.length === 1 && first ? first : list
}

/** What `single` was given. */
export function several(value: Json): readonly JsonObject[] {
  return (Array.isArray(value) ? value : [value]).filter((one) => isJsonObject(one))
}
