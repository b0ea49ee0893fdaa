import type { JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import { noUsage, type Usage } from '../../canonical/usage.ts'
import { isJsonArray } from '../shared/call-fields.ts'
import { CountReader, Whole } from '../shared/counts.ts'

/**
 * Reads a `usage` into components that do not overlap. `undefined`: it says nothing that can be believed.
 *
 * `inputTokens` is what came neither from a cache nor went into one: the total is the sum of all four (recorded 2024-2026).
 * `cacheDetails` splits what was written by its lifetime. Thoughts are not counted apart.
 */
export function readUsage(said: JsonObject): Usage | undefined {
  const counts = new CountReader()
  const input = counts.count(said, 'inputTokens')
  const output = counts.count(said, 'outputTokens')
  const total = counts.count(said, 'totalTokens')
  const cacheRead = counts.count(said, 'cacheReadInputTokens', 'cacheReadInputTokenCount') ?? 0
  const lifetimes = readLifetimes(said, counts)
  const written = counts.count(said, 'cacheWriteInputTokens', 'cacheWriteInputTokenCount')
  if (!counts.isBelievable) return undefined
  const writes = new Whole(written ?? lifetimes.fiveMinutes + lifetimes.oneHour)
  const rest = (part: number) => Math.max(0, (total ?? 0) - part - cacheRead - writes.rest)
  const [inputUncached, outputText] = [input ?? rest(output ?? 0), output ?? rest(input ?? 0)]
  if (inputUncached + outputText + cacheRead + writes.rest === 0) return undefined
  return {
    ...noUsage,
    inputUncached,
    cacheRead,
    cacheWrite5m: writes.take(lifetimes.fiveMinutes),
    cacheWrite1h: writes.take(lifetimes.oneHour),
    cacheWriteOther: writes.rest,
    outputText,
  }
}

function readLifetimes(said: JsonObject, counts: CountReader): { fiveMinutes: number; oneHour: number } {
  const found = { fiveMinutes: 0, oneHour: 0 }
  const details = said['cacheDetails']
  for (const detail of isJsonArray(details) ? details : []) {
    if (!isJsonObject(detail)) continue
    const tokens = counts.count(detail, 'inputTokens') ?? 0
    if (detail['ttl'] === '5m') found.fiveMinutes += tokens
    if (detail['ttl'] === '1h') found.oneHour += tokens
  }
  return found
}
