import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { isJsonArray } from '../../shared/call-fields.ts'

/**
 * Google reads every field under two names, `maxOutputTokens` and `max_output_tokens` (ProtoJSON), and clients write both. Here
 * fields are asked for by the first, and found under either.
 */
export function memberOf(wire: JsonObject, key: string): Json | undefined {
  return wire[spelledIn(wire, key)]
}

/** The name under which a field stands in this object; the published one where it does not. */
export function spelledIn(wire: JsonObject, key: string): string {
  if (Object.hasOwn(wire, key)) return key
  const snake = snakeCase(key)
  return Object.hasOwn(wire, snake) ? snake : key
}

/**
 * The same field under both its names: which of them counts is the provider's affair, so neither may stand for what was set aside.
 * @param isFreeForm places whose keys are the client's own.
 * @returns the path of one that stands twice.
 */
export function spelledTwice(
  wire: Json,
  isFreeForm: (path: readonly (string | number)[]) => boolean,
  path: readonly (string | number)[] = [],
): string | undefined {
  if (isFreeForm(path)) return undefined
  if (isJsonArray(wire)) {
    for (const [index, one] of wire.entries()) {
      const found = spelledTwice(one, isFreeForm, [...path, index])
      if (found !== undefined) return found
    }
    return undefined
  }
  if (!isJsonObject(wire)) return undefined
  for (const [key, value] of Object.entries(wire)) {
    if (key.includes('_') && camelCase(key) !== key && Object.hasOwn(wire, camelCase(key)))
      return [...path, key].join('.')
    const found = spelledTwice(value, isFreeForm, [...path, key])
    if (found !== undefined) return found
  }
  return undefined
}

/** An object below another; an empty one when it is not there. */
export function partOf(wire: Json | undefined, key: string): JsonObject {
  const value = isJsonObject(wire) ? memberOf(wire, key) : undefined
  return isJsonObject(value) ? value : {}
}

export interface Listed {
  readonly wire: Json
  readonly path: string
}

/** The elements of a list with their places. A single value stands for a list of one, as Google reads it (recorded 2026). */
export function listedIn(wire: JsonObject, key: string, path = ''): readonly Listed[] {
  const spelled = spelledIn(wire, key)
  const place = path === '' ? spelled : `${path}.${spelled}`
  const value = wire[spelled]
  if (isJsonArray(value)) return value.map((one, index) => ({ wire: one, path: `${place}[${index}]` }))
  return isJsonObject(value) ? [{ wire: value, path: place }] : []
}

export function camelCase(key: string): string {
  return key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
