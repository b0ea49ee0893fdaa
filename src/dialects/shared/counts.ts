import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'

/**
 * Reads the counts of one usage. A number that cannot be a count (negative, a fraction, text, beyond all bounds) makes
 * the whole usage unbelievable: it is treated as absent, never as zero (failures.md M13).
 */
export class CountReader {
  /** Whether every value read so far was a count, or not said at all. */
  isBelievable = true

  /** The count under the first of these keys that says one. `undefined`: none does. */
  count(container: JsonObject, ...keys: readonly string[]): number | undefined {
    let found: number | undefined
    for (const key of keys) {
      const value = container[key]
      if (value === undefined || value === null) continue
      if (isCount(value)) found ??= value
      else this.isBelievable = false
    }
    return found
  }

  /** The object under a key; an empty one when it is not said. */
  part(container: JsonObject, key: string): JsonObject {
    const value = container[key]
    if (isJsonObject(value)) return value
    if (value !== undefined && value !== null) this.isBelievable = false
    return nothing
  }
}

/** A billion tokens: a hundred times the longest context there is. What claims more is no count of one call. */
export const largestCount = 1_000_000_000

/** Takes from a whole, part after part, never more than is left: a part cannot be larger than its whole. */
export class Whole {
  rest: number

  constructor(total: number) {
    this.rest = total
  }

  take(part: number | undefined): number {
    const taken = Math.min(part ?? 0, this.rest)
    this.rest -= taken
    return taken
  }
}

const nothing: JsonObject = Object.freeze({})

function isCount(value: Json): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= largestCount
}
