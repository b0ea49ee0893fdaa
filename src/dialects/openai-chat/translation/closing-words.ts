import type { CloseEvent } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { finishReasonFor, isCoarser } from './stop-reasons.ts'
import { isOwn } from './wire-fields.ts'

/**
 * How a choice says that it ended: the published word, beside it the provider's own where ours is coarser (OpenRouter's
 * `native_finish_reason`), and the stop sequence that was found (vLLM's `stop_reason`).
 */
export function closingWords(close: CloseEvent, losses: Losses): JsonObject {
  const { reason, nativeReason, stopSequence } = close
  const extras = {
    ...(nativeReason !== undefined && { native_finish_reason: nativeReason }),
    ...(stopSequence !== undefined && { stop_reason: stopSequence }),
  }
  // A word of this dialect that we do not know is passed on; one that never came is not made up.
  if (isOwn(close) && reason === 'other') return { finish_reason: nativeReason ?? null, ...extras }
  const isSequenceUntold = reason === 'stop-sequence' && stopSequence === undefined
  if (isCoarser(reason) || isSequenceUntold) losses.approximated(close, 'reason', 'it is told as the end of a turn')
  return { finish_reason: finishReasonFor(reason), ...extras }
}
