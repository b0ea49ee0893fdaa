import { longestClientText } from '../../canonical/account-value.ts'
import { GatewayError } from '../../canonical/error.ts'
import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import { holdsKey } from '../../canonical/key-form.ts'

/**
 * The fields of a client's body that we act on, read once and strictly; everything else is the provider's to judge.
 * Each function throws GatewayError `invalid_request` naming the field in the client's own spelling. `null` means absent.
 */

/** @throws GatewayError `invalid_request` unless it is a name fit for look-ups, records and logs: a key never is. */
export function readModelName(body: JsonObject, param = 'model'): string {
  const name = body['model']
  if (typeof name !== 'string' || name === '') throw refusal(param, 'must be the name of a model')
  if (name.length > longestClientText) throw refusal(param, `must have at most ${longestClientText} characters`)
  if (controlCharacter.test(name)) throw refusal(param, 'must not hold control characters')
  if (holdsKey(name))
    throw refusal(param, 'must be the name of a model, and holds a key of Weir: keys belong in a header')
  return name
}

export function readFlag(body: JsonObject, field: string, param: string = field): boolean {
  const value = body[field]
  if (value === undefined || value === null) return false
  if (typeof value !== 'boolean') throw refusal(param, 'must be true or false')
  return value
}

/**
 * Some thousand times what any model writes, and what some clients send for as much as there is. The most that a call may cost is
 * recorded before it leaves, in 64 bits of nano-dollars: a cap without a bound would not fit.
 */
export const largestOutputCap = 2 ** 31

/** A whole number of at least 1: an output cap, where nothing else is said. `undefined`: not given. */
export function readPositive(body: JsonObject, field: string, largest: number = largestOutputCap): number | undefined {
  return readWhole(body, field, 1, largest)
}

/** A whole number within bounds. `undefined`: not given. */
export function readWhole(body: JsonObject, field: string, least: number, largest: number): number | undefined {
  const value = body[field]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least || value > largest)
    throw refusal(field, `must be a whole number from ${least} to ${largest}`)
  return value
}

/** A label for people, cut to a length that records can bear, and no key. Empty counts as not given. */
export function readLabel(body: JsonObject, field: string, param: string = field): string | undefined {
  const value = body[field]
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value !== 'string') throw refusal(param, 'must be a string')
  if (holdsKey(value)) throw refusal(param, 'holds a key of Weir: keys belong in a header')
  return value.slice(0, longestClientText)
}

/** An object, `undefined` when it is not given. */
export function readPart(body: JsonObject, field: string): JsonObject | undefined {
  const value = body[field]
  if (value === undefined || value === null) return undefined
  if (!isJsonObject(value)) throw refusal(field, 'must be an object')
  return value
}

export function readMessages(body: JsonObject): readonly Json[] {
  const messages = body['messages']
  if (!isJsonArray(messages)) throw refusal('messages', 'must be an array')
  return messages
}

export function isJsonArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

/** A list that may be left out. What is no list is the provider's to refuse. */
export function listIn(holder: JsonObject, field: string): readonly Json[] {
  const value = holder[field]
  return isJsonArray(value) ? value : []
}

/** Whether a field says anything: neither left out, nor `null`, nor an empty list. */
export function isGiven(value: Json | undefined): boolean {
  return value !== undefined && value !== null && !(isJsonArray(value) && value.length === 0)
}

export function refusal(param: string, demand: string): GatewayError {
  return new GatewayError('invalid_request', `${param} ${demand}`, { param })
}

const controlCharacter = /\p{Cc}/u
