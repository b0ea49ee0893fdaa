import type { UsageEvent } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { cacheReadTokensOf, inputTokensOf, outputTokensOf, type Usage } from '../../../canonical/usage.ts'

/** `usage` as the published description has it (2.3.0, `CompletionUsage`), whose totals hold all components. */
export function usageWordsOf(usage: Usage): { [key: string]: number | JsonObject } {
  const promptTokens = inputTokensOf(usage)
  const completionTokens = outputTokensOf(usage)
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: {
      cached_tokens: cacheReadTokensOf(usage),
      cache_write_tokens: usage.cacheWrite5m + usage.cacheWrite1h + usage.cacheWriteOther,
      audio_tokens: usage.inputAudio,
      ...(usage.inputImage > 0 && { image_tokens: usage.inputImage }),
    },
    completion_tokens_details: {
      reasoning_tokens: usage.outputReasoning,
      audio_tokens: usage.outputAudio,
      ...(usage.outputImage > 0 && { image_tokens: usage.outputImage }),
    },
    // OpenRouter's member.
    ...(usage.webSearches > 0 && { server_tool_use_details: { web_search_requests: usage.webSearches } }),
  }
}

/** Of what a cache served these words have one count. */
export function tellUntoldCounts(event: UsageEvent, losses: Losses): void {
  if (event.usage.cacheReadAudio + event.usage.cacheReadImage > 0)
    losses.approximated(event, 'usage', 'sounds and images from a cache are counted with its text')
}
