import type { ChatCall } from '../../../canonical/chat.ts'
import type { Losses } from '../../../canonical/loss.ts'
import type { Generation } from './claude-generations.ts'

/** What a call says of sampling, as far as a model takes it. */
export interface Sampling {
  readonly temperature?: number | undefined
  readonly topP?: number | undefined
  readonly topK?: number | undefined
}

/**
 * Temperature and its kin, within Anthropic's bounds: none for models from Claude Opus 4.7; a temperature from 0 to 1; one of
 * temperature and `top_p` (models from Opus 4.1 refuse both); next to thinking neither temperature nor `top_k`, and a
 * `top_p` from 0.95. A value of 1 is what happens anyway, and would only stand in the way of another field.
 */
export function claudeSampling(call: ChatCall, generation: Generation, isThinking: boolean, losses: Losses): Sampling {
  const { temperature, topP, topK } = call
  if (!generation.takesSampling) {
    const why = 'the model takes no temperature, top_p or top_k'
    if (temperature !== undefined && temperature !== 1) losses.lost(call, 'temperature', why)
    if (topP !== undefined && topP !== 1) losses.lost(call, 'topP', why)
    if (topK !== undefined) losses.lost(call, 'topK', why)
    return {}
  }
  return isThinking ? besideThinking(call, losses) : withoutThinking(call, losses)
}

/** Within what Anthropic and Bedrock take. */
export function clampedTemperature(call: ChatCall, losses: Losses): number | undefined {
  const { temperature } = call
  if (temperature === undefined) return undefined
  const within = Math.min(1, Math.max(0, temperature))
  if (within !== temperature) losses.approximated(call, 'temperature', 'the target takes 0 to 1')
  return within
}

function withoutThinking(call: ChatCall, losses: Losses): Sampling {
  const { temperature, topP, topK } = call
  if (topP === undefined || topP === 1) return { temperature: clampedTemperature(call, losses), topK }
  if (temperature === undefined || temperature === 1) return { topP, topK }
  losses.lost(call, 'topP', 'Anthropic takes one of temperature and top_p, not both')
  return { temperature: clampedTemperature(call, losses), topK }
}

function besideThinking(call: ChatCall, losses: Losses): Sampling {
  const { temperature, topP, topK } = call
  const why = 'Anthropic does not take it while thinking'
  if (temperature !== undefined && temperature !== 1) losses.lost(call, 'temperature', why)
  if (topK !== undefined) losses.lost(call, 'topK', why)
  if (topP !== undefined && topP < leastTopP)
    losses.approximated(call, 'topP', `while thinking, Anthropic takes a top_p from ${leastTopP}`)
  return { topP: topP === undefined || topP === 1 ? undefined : Math.max(leastTopP, topP) }
}

const leastTopP = 0.95
