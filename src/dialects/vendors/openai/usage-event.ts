import type { UsageEvent } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { readProviderCost } from '../../shared/provider-cost.ts'
import { usageSaid } from './reply.ts'
import { readUsage } from './usage.ts'
import { unknownKeys } from '../../shared/translation/unknown-keys.ts'

/**
 * What a body or a chunk tells of its usage. `undefined`: nothing that can be believed.
 * @param dialect whose body it is.
 */
export function readUsageEvent(said: JsonObject, dialect: string): UsageEvent | undefined {
  const wire = usageSaid(said)
  const usage = wire && readUsage(wire)
  if (!wire || !usage) return undefined
  const tier = said['service_tier']
  return hear<UsageEvent>(
    {
      kind: 'usage',
      usage,
      providerCostNanos: readProviderCost(wire),
      serviceTier: typeof tier === 'string' ? tier : undefined,
    },
    {
      dialect,
      wire,
      path: '',
      heard: { serviceTier: 'service_tier', providerCostNanos: 'usage.cost' },
      // Where it stands: Groq also tells it in a member of its own.
      unheard: isJsonObject(said['usage']) ? unknownKeys(wire, knownOfUsage).map((key) => `usage.${key}`) : [],
    },
  )
}

/** What `readUsage` and the reader of costs look at. */
const knownOfUsage: ReadonlySet<string> = new Set([
  'prompt_tokens',
  'completion_tokens',
  'total_tokens',
  'prompt_cache_hit_tokens',
  'cached_tokens',
  'num_cached_tokens',
  'reasoning_tokens',
  'cost',
  'prompt_tokens_details.cached_tokens',
  'prompt_tokens_details.cache_write_tokens',
  'prompt_tokens_details.cache_creation_tokens',
  'prompt_tokens_details.audio_tokens',
  'prompt_tokens_details.image_tokens',
  'completion_tokens_details.reasoning_tokens',
  'completion_tokens_details.audio_tokens',
  'completion_tokens_details.image_tokens',
  'server_tool_use_details.web_search_requests',
])
