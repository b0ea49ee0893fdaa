import type { UsageEvent } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { usageWordsOf } from '../../vendors/openai/usage-words.ts'
import type { Draft } from '../../shared/translation/put.ts'
import { isOwn } from './own.ts'
import { serviceTiers } from './write-chat.ts'

/** `usage` in the published words, and those that its copies add. */
export function usageWords(event: UsageEvent): JsonObject {
  const { usage, providerCostNanos } = event
  const written: Draft = usageWordsOf(usage)
  // OpenRouter's member. What a provider of another dialect charges is not the client's business.
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
