/** A JSON value as `JSON.parse` gives it. `undefined` never occurs inside one. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject

export interface JsonObject {
  readonly [key: string]: Json
}

/** Whether a value is an object, and neither a list nor `null`. What it holds is not looked at. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * A value in a sentence: a text or number as it is, anything larger by its kind. `String()` would call the `toString` that a
 * body may hold as a member of its own, and throw.
 */
export function wordOf(value: Json | undefined): string {
  if (typeof value !== 'object' || value === null) return String(value)
  return Array.isArray(value) ? 'a list' : 'an object'
}
