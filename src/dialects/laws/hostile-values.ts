import fc from 'fast-check'
import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'

/** Objects whose members have the names that readers look for, and anything for a value. */
export const hostileObject: fc.Arbitrary<JsonObject> = fc
  .dictionary(fc.constantFrom(...fieldNames()), fc.jsonValue())
  // fast-check's values are JSON, but for minus zero.
  .map((members) => JSON.parse(JSON.stringify(members)))

/** The data of a frame: hostile objects, other JSON, no JSON. */
export const hostileFrame: fc.Arbitrary<string> = fc.oneof(
  hostileObject.map((members) => JSON.stringify(members)),
  fc.json(),
  fc.string(),
)

/** The reply with one number of its usage made hostile, for every number and every way (failures.md M13). */
export function* withHostileNumbers(
  reply: JsonObject,
): Generator<{ readonly reply: JsonObject; readonly value: Json }> {
  for (const key of ['usage', 'usageMetadata']) {
    const usage = reply[key]
    if (!isJsonObject(usage)) continue
    for (const value of hostileNumbers)
      for (const changed of withNumberReplaced(usage, value)) yield { reply: { ...reply, [key]: changed }, value }
  }
}

// JSON.parse makes infinity of 1e400.
const hostileNumbers: readonly Json[] = [-1, 0.5, Number.POSITIVE_INFINITY, 2 ** 53, 1e12, '7', '', [], {}, true]

function fieldNames(): readonly string[] {
  const ofCalls = 'model messages stream stream_options max_tokens n user metadata tools input thinking response_format'
  const ofAnswers = 'error message detail usage choices content delta content_block type object code finish_reason'
  return `${ofCalls} ${ofAnswers}`.split(' ')
}

function* withNumberReplaced(object: JsonObject, value: Json): Generator<JsonObject> {
  for (const [key, member] of Object.entries(object)) {
    if (typeof member === 'number') yield { ...object, [key]: value }
    if (isJsonObject(member))
      for (const changed of withNumberReplaced(member, value)) yield { ...object, [key]: changed }
  }
}
