import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import { isJsonArray, refusal } from './call-fields.ts'

/**
 * Fields of a body that may come as a form, where every value is text: the same field as JSON has it is read alike. `null` and an
 * empty text mean absent. Files are objects with `sizeBytes` (`gateway/read-form.ts`).
 */

/** @throws GatewayError `invalid_request` unless it is a whole number of at least 1. */
export function countIn(body: JsonObject, field: string, largest: number): number | undefined {
  const said = saidIn(body, field)
  if (said === undefined) return undefined
  const value = typeof said === 'string' && /^\d{1,9}$/.test(said) ? Number(said) : said
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1 || value > largest)
    throw refusal(field, `must be a whole number from 1 to ${largest}`)
  return value
}

/** @throws GatewayError `invalid_request` unless it is true or false. */
export function flagIn(body: JsonObject, field: string): boolean {
  const said = saidIn(body, field)
  if (said === undefined || said === false || said === 'false') return false
  if (said !== true && said !== 'true') throw refusal(field, 'must be true or false')
  return true
}

function saidIn(body: JsonObject, field: string): Json | undefined {
  const value = body[field]
  return value === null || value === '' ? undefined : value
}

/** Forms have no objects in them: `images[][file_id]` is a member of a member. */
export function stepsOf(name: string): readonly string[] {
  return name.split(/[[\].]+/).filter((step) => step !== '')
}

/** Of all files under a name, or under its list (`image`, `image[]`). */
export function filesIn(body: JsonObject, field: string): readonly { readonly sizeBytes: number }[] {
  return [body[field], body[`${field}[]`]]
    .flatMap((value): readonly Json[] => (isJsonArray(value) ? value : [value ?? null]))
    .flatMap((value) => {
      const sizeBytes = isJsonObject(value) ? value['sizeBytes'] : undefined
      return typeof sizeBytes === 'number' ? [{ sizeBytes }] : []
    })
}
