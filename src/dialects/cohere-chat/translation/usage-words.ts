import type { UsageEvent } from '../../../canonical/event.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import {
  cacheReadTokensOf,
  inputTokensOf,
  noUsage,
  outputTokensOf,
  type Usage,
  type UsageComponent,
} from '../../../canonical/usage.ts'
import { isCacheTold, readUsage } from '../read-usage.ts'
import { dialectName } from './own.ts'

/**
 * The usage of an answer. Its two counts are one event: what is charged is told elsewhere; that Cohere's models read a prompt of
 * its own besides is said only here.
 * @returns `undefined` while nothing was counted.
 */
export function readUsageEvent(wire: Json | undefined): UsageEvent | undefined {
  const usage = readUsage(wire)
  if (!usage || !isJsonObject(wire)) return undefined
  const event: UsageEvent = {
    kind: 'usage',
    usage: Object.freeze(usage),
    providerCostNanos: undefined,
    serviceTier: undefined,
  }
  const keys = isCacheTold(wire) ? `${countKeys} cached_tokens` : countKeys
  return hear(event, { dialect: dialectName, wire, path: 'usage', heard: { usage: '', '': keys } })
}

const countKeys = [
  'billed_units.input_tokens',
  'billed_units.output_tokens',
  'tokens.input_tokens',
  'tokens.output_tokens',
  'tokens.image_tokens',
  'tokens.reasoning_tokens',
].join(' ')

/** Both counts: nothing was added to the prompt, so they are the same. Pictures stand beside the other tokens that were read. */
export function usageWords(usage: Usage = noUsage): JsonObject {
  const [input, output] = [inputTokensOf(usage), outputTokensOf(usage)]
  const images = usage.inputImage + usage.cacheReadImage
  return {
    billed_units: { input_tokens: input, output_tokens: output },
    tokens: {
      input_tokens: input - images,
      output_tokens: output,
      ...(images > 0 && { image_tokens: images }),
      ...(usage.outputReasoning > 0 && { reasoning_tokens: usage.outputReasoning }),
    },
    cached_tokens: cacheReadTokensOf(usage),
  }
}

/** Counts that have no word of their own here. */
export function hasUntoldCounts(usage: Usage): boolean {
  return untold.some((component) => usage[component] > 0)
}

const untold: readonly UsageComponent[] = [
  'cacheReadAudio',
  'cacheReadImage',
  'cacheWrite5m',
  'cacheWrite1h',
  'cacheWriteOther',
  'inputAudio',
  'outputAudio',
  'outputImage',
  'webSearches',
]
