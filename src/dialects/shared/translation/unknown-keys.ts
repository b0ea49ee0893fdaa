import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'

/**
 * The keys (dotted) of an object that are not among the known ones and say something: `null`, an empty text and an empty
 * list say nothing. A known key with a dot is known only that deep.
 */
export function unknownKeys(said: JsonObject, known: ReadonlySet<string>, prefix = ''): readonly string[] {
  const keys: string[] = []
  for (const [key, value] of Object.entries(said)) {
    const path = `${prefix}${key}`
    if (isEmpty(value)) continue
    if (isJsonObject(value) && hasBelow(known, path)) keys.push(...unknownKeys(value, known, `${path}.`))
    else if (!known.has(path)) keys.push(path)
  }
  return keys
}

export function isEmpty(value: Json | undefined): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
}

function hasBelow(known: ReadonlySet<string>, path: string): boolean {
  for (const key of known) if (key.startsWith(`${path}.`)) return true
  return false
}
