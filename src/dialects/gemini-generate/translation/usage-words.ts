import type { UsageEvent } from '../../../canonical/event.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { cacheReadTokensOf, inputTokensOf, noUsage, outputTokensOf, type Usage } from '../../../canonical/usage.ts'
import { readUsage } from '../read-usage.ts'
import { dialectName } from './own.ts'

/** @returns `undefined` while nothing was counted. */
export function readUsageEvent(wire: Json | undefined): UsageEvent | undefined {
  const usage = isJsonObject(wire) ? readUsage(wire) : undefined
  if (!isJsonObject(wire) || !usage) return undefined
  const tier = wire['serviceTier']
  const event: UsageEvent = {
    kind: 'usage',
    usage: Object.freeze(usage),
    providerCostNanos: undefined,
    serviceTier: typeof tier === 'string' ? tier : undefined,
  }
  const heard = { usage: '', serviceTier: 'serviceTier', '': countKeys }
  return hear(event, { dialect: dialectName, wire, path: 'usageMetadata', heard })
}

const countKeys = [
  'promptTokenCount',
  'candidatesTokenCount',
  'thoughtsTokenCount',
  'toolUsePromptTokenCount',
  'cachedContentTokenCount',
  'totalTokenCount',
  'promptTokensDetails',
  'candidatesTokensDetails',
  'toolUsePromptTokensDetails',
  'cacheTokensDetails',
].join(' ')

/** The `usageMetadata` of an answer. Tokens that were written into a cache are part of the prompt as well. */
export function usageWords(usage: Usage = noUsage, serviceTier?: string): JsonObject {
  const input = inputTokensOf(usage)
  const output = outputTokensOf(usage)
  const cached = cacheReadTokensOf(usage)
  const { cacheReadAudio, cacheReadImage } = usage
  const tier = tiers.get(serviceTier)
  return {
    promptTokenCount: input,
    candidatesTokenCount: output - usage.outputReasoning,
    totalTokenCount: input + output,
    ...(usage.outputReasoning > 0 && { thoughtsTokenCount: usage.outputReasoning }),
    ...(cached > 0 && { cachedContentTokenCount: cached }),
    ...details('promptTokensDetails', input, usage.inputAudio + cacheReadAudio, usage.inputImage + cacheReadImage),
    ...details('cacheTokensDetails', cached, cacheReadAudio, cacheReadImage),
    ...details('candidatesTokensDetails', output - usage.outputReasoning, usage.outputAudio, usage.outputImage),
    ...(tier !== undefined && { serviceTier: tier }),
  }
}

/** Only where there is something to split. */
function details(key: string, all: number, audio: number, image: number): JsonObject {
  if (audio + image === 0) return {}
  const split = [
    { modality: 'TEXT', tokenCount: all - audio - image },
    { modality: 'AUDIO', tokenCount: audio },
    { modality: 'IMAGE', tokenCount: image },
  ]
  return { [key]: split.filter(({ tokenCount }) => tokenCount > 0) }
}

/** Counts that have no word of their own here. */
export function hasUntoldCounts(usage: Usage): boolean {
  return usage.cacheWrite5m + usage.cacheWrite1h + usage.cacheWriteOther + usage.webSearches > 0
}

/** Whether there is a word for the tier that the answer was served in. */
export function hasTier({ serviceTier }: UsageEvent): boolean {
  return tiers.has(serviceTier)
}

const tiers: ReadonlyMap<string | undefined, string> = new Map([
  ['standard', 'standard'],
  ['default', 'standard'],
  ['flex', 'flex'],
  ['priority', 'priority'],
])
