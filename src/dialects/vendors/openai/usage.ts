import type { JsonObject } from '../../../canonical/json.ts'
import { noUsage, type Usage } from '../../../canonical/usage.ts'
import { CountReader, Whole } from '../../shared/counts.ts'

/**
 * Reads an OpenAI-shaped usage into components that do not overlap. `undefined`: it says nothing that can be believed.
 *
 * Providers differ in what `completion_tokens` holds (recorded 2025-2026): OpenAI and most others count reasoning inside
 * it; xAI outside, with `reasoning_tokens` beside it; Gemini outside, with no word of it. `total_tokens` tells them apart:
 * what it holds beyond prompt and completion is output that was not counted there.
 *
 * Where the parts of a whole are larger than the whole, the whole is believed and the parts are cut, first the cache
 * reads, then the writes: Azure reports more cached than prompt tokens for xAI's models, OpenRouter the same tokens of
 * Gemini as written and as read.
 */
export function readUsage(said: JsonObject): Usage | undefined {
  const counts = new CountReader()
  const promptParts = counts.part(said, 'prompt_tokens_details')
  const completionParts = counts.part(said, 'completion_tokens_details')
  const tools = counts.part(said, 'server_tool_use_details')

  const totalTokens = counts.count(said, 'total_tokens')
  const promptSaid = counts.count(said, 'prompt_tokens')
  const completionSaid = counts.count(said, 'completion_tokens')
  const promptTokens = promptSaid ?? rest(totalTokens, completionSaid)
  const completionTokens = completionSaid ?? rest(totalTokens, promptSaid)

  // Newest spelling first: OpenAI and most; DeepSeek; Together; Mistral's, which it sends instead of the details.
  const cacheRead =
    counts.count(promptParts, 'cached_tokens') ??
    counts.count(said, 'prompt_cache_hit_tokens', 'cached_tokens', 'num_cached_tokens')
  const cacheWrite = counts.count(promptParts, 'cache_write_tokens', 'cache_creation_tokens')
  const inputAudio = counts.count(promptParts, 'audio_tokens')
  const inputImage = counts.count(promptParts, 'image_tokens')
  const reasoningSaid = counts.count(completionParts, 'reasoning_tokens') ?? counts.count(said, 'reasoning_tokens')
  const outputAudio = counts.count(completionParts, 'audio_tokens')
  const outputImage = counts.count(completionParts, 'image_tokens')
  const webSearches = counts.count(tools, 'web_search_requests')

  if (!counts.isBelievable || promptTokens === undefined || completionTokens === undefined) return undefined
  // Every call has at least one token: a usage of nothing is a provider that does not count.
  if (promptTokens + completionTokens === 0) return undefined

  const uncounted = rest(totalTokens, promptTokens + completionTokens) ?? 0
  const input = new Whole(promptTokens)
  const output = new Whole(completionTokens + uncounted)
  return {
    ...noUsage,
    cacheRead: input.take(cacheRead),
    cacheWriteOther: input.take(cacheWrite),
    inputAudio: input.take(inputAudio),
    inputImage: input.take(inputImage),
    inputUncached: input.rest,
    outputReasoning: output.take(reasoningSaid || uncounted),
    outputAudio: output.take(outputAudio),
    outputImage: output.take(outputImage),
    outputText: output.rest,
    webSearches: webSearches ?? 0,
  }
}

function rest(whole: number | undefined, part: number | undefined): number | undefined {
  return whole === undefined || part === undefined ? undefined : Math.max(0, whole - part)
}
