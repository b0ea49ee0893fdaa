import type { UsageEvent } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { cacheReadTokensOf, inputTokensOf, noUsage, outputTokensOf, type Usage } from '../../../canonical/usage.ts'
import { usageIn } from '../read-reply.ts'
import { dialectName } from './own.ts'

/** @param holder the answer, or the event of a stream that tells it. @returns `undefined` when nothing was counted. */
export function readUsageEvent(holder: JsonObject): UsageEvent | undefined {
  const usage = usageIn(holder)
  if (usage === undefined) return undefined
  const serviceTier = tierIn(holder)
  const event: UsageEvent = { kind: 'usage', usage: Object.freeze(usage), providerCostNanos: undefined, serviceTier }
  const { usage: said = null, serviceTier: tier } = holder
  return hear(event, {
    dialect: dialectName,
    wire: { usage: said, ...(tier !== undefined && { serviceTier: tier }) },
    path: '',
    heard: { usage: 'usage', serviceTier: 'serviceTier.type', '': countKeys },
  })
}

function tierIn({ serviceTier }: JsonObject): string | undefined {
  const type = isJsonObject(serviceTier) ? serviceTier['type'] : undefined
  return typeof type === 'string' ? type : undefined
}

const countKeys = [
  'inputTokens',
  'outputTokens',
  'totalTokens',
  'cacheReadInputTokens',
  'cacheReadInputTokenCount',
  'cacheWriteInputTokens',
  'cacheWriteInputTokenCount',
  'cacheDetails',
]
  .map((key) => `usage.${key}`)
  .join(' ')

/** A `TokenUsage`. What was thought, heard or seen is not told apart. */
export function usageWords(usage: Usage = noUsage): JsonObject {
  const { cacheWrite5m, cacheWrite1h } = usage
  const cacheRead = cacheReadTokensOf(usage)
  const written = cacheWrite5m + cacheWrite1h + usage.cacheWriteOther
  const [inputTokens, outputTokens] = [inputTokensOf(usage), outputTokensOf(usage)]
  const details = [
    ...(cacheWrite5m > 0 ? [{ ttl: '5m', inputTokens: cacheWrite5m }] : []),
    ...(cacheWrite1h > 0 ? [{ ttl: '1h', inputTokens: cacheWrite1h }] : []),
  ]
  return {
    inputTokens: inputTokens - cacheRead - written,
    outputTokens,
    totalTokens: inputTokens + outputTokens,
    ...(cacheRead + written > 0 && { cacheReadInputTokens: cacheRead, cacheWriteInputTokens: written }),
    ...(details.length > 0 && { cacheDetails: details }),
  }
}

/** How long it took is for Bedrock to say; the members that its types demand are there all the same. */
export const unmeasured: JsonObject = Object.freeze({ latencyMs: 0 })

export function tierWords(event: UsageEvent | undefined): JsonObject {
  const type = event && tierOf(event)
  return type === undefined ? {} : { serviceTier: { type } }
}

/** The word for the tier that an answer was served in, if there is one. */
export function tierOf({ serviceTier }: UsageEvent): string | undefined {
  return tiers.get(serviceTier)
}

const tiers: ReadonlyMap<string | undefined, string> = new Map([
  ['default', 'default'],
  ['standard', 'default'],
  ['flex', 'flex'],
  ['priority', 'priority'],
  ['reserved', 'reserved'],
])
