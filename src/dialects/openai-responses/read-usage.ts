import type { JsonObject } from '../../canonical/json.ts'
import { noUsage, type Usage } from '../../canonical/usage.ts'
import { CountReader, Whole } from '../shared/counts.ts'

/**
 * Reads the usage of a response into components that do not overlap. `undefined`: it says nothing that can be believed. All
 * recorded providers count cached and written tokens within the input, and reasoning within the output (2025-2026).
 * @param webSearches as the answer's items tell them, where the usage does not (xAI's does).
 */
export function readUsage(said: JsonObject, webSearches = 0): Usage | undefined {
  const counts = new CountReader()
  const inputParts = counts.part(said, 'input_tokens_details')
  const outputParts = counts.part(said, 'output_tokens_details')
  const tools = counts.part(said, 'server_side_tool_usage_details')
  const totalTokens = counts.count(said, 'total_tokens')
  const inputSaid = counts.count(said, 'input_tokens')
  const outputSaid = counts.count(said, 'output_tokens')
  const inputTokens = inputSaid ?? rest(totalTokens, outputSaid)
  const outputTokens = outputSaid ?? rest(totalTokens, inputSaid)
  const cacheRead = counts.count(inputParts, 'cached_tokens')
  const cacheWrite = counts.count(inputParts, 'cache_write_tokens')
  const reasoning = counts.count(outputParts, 'reasoning_tokens')
  const searchesSaid = counts.count(tools, 'web_search_calls')
  if (!counts.isBelievable || inputTokens === undefined || outputTokens === undefined) return undefined
  // Every call has at least one token: a usage of nothing is a provider that does not count.
  if (inputTokens + outputTokens === 0) return undefined

  const uncounted = rest(totalTokens, inputTokens + outputTokens) ?? 0
  const input = new Whole(inputTokens)
  const output = new Whole(outputTokens + uncounted)
  return {
    ...noUsage,
    cacheRead: input.take(cacheRead),
    cacheWriteOther: input.take(cacheWrite),
    inputUncached: input.rest,
    outputReasoning: output.take(reasoning || uncounted),
    outputText: output.rest,
    webSearches: searchesSaid ?? webSearches,
  }
}

function rest(whole: number | undefined, part: number | undefined): number | undefined {
  return whole === undefined || part === undefined ? undefined : Math.max(0, whole - part)
}
