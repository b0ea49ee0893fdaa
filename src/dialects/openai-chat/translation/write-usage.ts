import type { UsageEvent } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { inputTokensOf, outputTokensOf } from '../../../canonical/usage.ts'
import { put, type Draft } from '../../put.ts'
import { isOwn } from './wire-fields.ts'
import { serviceTiers } from './write-chat.ts'

/** `usage` as the published description has it (2.3.0), whose totals hold all components. */
export function usageWords(event: UsageEvent): JsonObject {
  const { usage, providerCostNanos } = event
  const promptTokens = inputTokensOf(usage)
  const completionTokens = outputTokensOf(usage)
  const written: Draft = {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: {
      cached_tokens: usage.cacheRead,
      cache_write_tokens: usage.cacheWrite5m + usage.cacheWrite1h + usage.cacheWriteOther,
      audio_tokens: usage.inputAudio,
      ...(usage.inputImage > 0 && { image_tokens: usage.inputImage }),
    },
    completion_tokens_details: {
      reasoning_tokens: usage.outputReasoning,
      audio_tokens: usage.outputAudio,
      ...(usage.outputImage > 0 && { image_tokens: usage.outputImage }),
    },
  }
  // OpenRouter's members. What a provider of another dialect charges is not the client's business.
  if (usage.webSearches > 0) put(written, 'server_tool_use_details.web_search_requests', usage.webSearches)
  if (providerCostNanos !== undefined && isOwn(event)) written['cost'] = Number(providerCostNanos) / nanosPerUsd
  return written
}

const nanosPerUsd = 1e9

/** The tier in the published words; its own dialect's is its own. */
export function tierWord(event: UsageEvent, losses: Losses): string | undefined {
  const { serviceTier } = event
  if (serviceTier === undefined || isOwn(event) || serviceTiers.has(serviceTier)) return serviceTier
  if (serviceTier === 'standard') return 'default'
  losses.lost(event, 'serviceTier', 'this dialect has no such tier')
  return undefined
}
