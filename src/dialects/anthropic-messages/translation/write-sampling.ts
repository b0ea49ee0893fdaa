import type { ChatCall } from '../../../canonical/chat.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { claudeSampling, clampedTemperature, type Sampling } from '../../vendors/anthropic/claude-sampling.ts'
import { generationOf } from './generations.ts'
import { isOwn } from './own.ts'

/** Temperature and its kin, within Anthropic's bounds. */
export function writeSampling(call: ChatCall, thinking: JsonObject | undefined, losses: Losses): JsonObject {
  const isThinking = thinking !== undefined && thinking['type'] !== 'disabled'
  const { temperature, topP, topK }: Sampling = isOwn(call)
    ? { ...call, temperature: clampedTemperature(call, losses) }
    : claudeSampling(call, generationOf(call), isThinking, losses)
  return {
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(topK !== undefined && { top_k: topK }),
  }
}
