import type { UsageEvent } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { cacheReadTokensOf, inputTokensOf, noUsage, outputTokensOf, type Usage } from '../../../canonical/usage.ts'
import { usageOf, type SaidCounts } from '../read-usage.ts'
import { dialectName } from './own.ts'

/** @returns `undefined` while nothing was counted. */
export function readUsageEvent(
  counts: SaidCounts,
  wire: JsonObject,
  serviceTier: string | undefined,
): UsageEvent | undefined {
  const usage = usageOf(counts)
  if (usage === undefined) return undefined
  const event: UsageEvent = { kind: 'usage', usage: Object.freeze(usage), providerCostNanos: undefined, serviceTier }
  return hear(event, {
    dialect: dialectName,
    wire,
    path: 'usage',
    heard: { usage: '', serviceTier: 'service_tier', '': countKeys },
  })
}

const countKeys = [
  'input_tokens',
  'cache_read_input_tokens',
  'cache_creation_input_tokens',
  'cache_creation.ephemeral_5m_input_tokens',
  'cache_creation.ephemeral_1h_input_tokens',
  'output_tokens',
  'output_tokens_details.thinking_tokens',
  'server_tool_use.web_search_requests',
].join(' ')

/** The `usage` of a message, every member that the SDK's type demands (`Usage`, 1.12.0). */
export function messageUsage(usage: Usage = noUsage, serviceTier?: string): JsonObject {
  return {
    ...deltaUsage(usage),
    cache_creation: lifetimesOf(usage),
    inference_geo: null,
    service_tier: tiers.get(serviceTier) ?? null,
    speed: null,
  }
}

/** The totals as `message_delta` tells them (`MessageDeltaUsage`): cumulative, so that they replace what was told before. */
export function deltaUsage(usage: Usage = noUsage): JsonObject {
  const { outputReasoning, webSearches } = usage
  const cacheRead = cacheReadTokensOf(usage)
  const writes = usage.cacheWrite5m + usage.cacheWrite1h + usage.cacheWriteOther
  return {
    // Neither from a cache nor into one. Sounds and images are not told apart from text.
    input_tokens: inputTokensOf(usage) - cacheRead - writes,
    cache_creation_input_tokens: writes,
    cache_read_input_tokens: cacheRead,
    output_tokens: outputTokensOf(usage),
    output_tokens_details: outputReasoning > 0 ? { thinking_tokens: outputReasoning } : null,
    server_tool_use: webSearches > 0 ? { web_search_requests: webSearches, web_fetch_requests: 0 } : null,
  }
}

export function hasLifetimes(usage: Usage): boolean {
  return usage.cacheWrite5m > 0 || usage.cacheWrite1h > 0
}

export function lifetimesOf({ cacheWrite5m, cacheWrite1h }: Usage): JsonObject {
  return { ephemeral_5m_input_tokens: cacheWrite5m, ephemeral_1h_input_tokens: cacheWrite1h }
}

/** Whether there is a word for the tier that the answer was served in. */
export function hasTier({ serviceTier }: UsageEvent): boolean {
  return tiers.has(serviceTier)
}

const tiers: ReadonlyMap<string | undefined, string> = new Map([
  ['standard', 'standard'],
  ['priority', 'priority'],
  ['batch', 'batch'],
  // OpenAI's name for the standard tier.
  ['default', 'standard'],
])
