import type { OpenEvent, UsageEvent } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { inputTokensOf, outputTokensOf, type UsageComponent } from '../../../canonical/usage.ts'
import type { AnswerSettings } from '../../translation.ts'
import { isOwn } from './own.ts'

/** What every line of an answer begins with. */
export function headWords(open: OpenEvent | undefined, settings: AnswerSettings): JsonObject {
  return {
    model: open?.responseModel ?? settings.modelName,
    created_at: momentOf(open?.createdAtSeconds ?? settings.nowSeconds),
  }
}

export function accountForOpen(open: OpenEvent, losses: Losses): void {
  // It has no word for an id; its clients never ask for one.
  if (!isOwn(open)) losses.account(open, ['kind', 'responseModel', 'createdAtSeconds'])
}

/** The counts of the last line. Its two hold all that was read and written. */
export function usageWords(event: UsageEvent, losses: Losses): JsonObject {
  const { usage } = event
  if (!isOwn(event)) {
    const untold = parts.filter((part) => usage[part] > 0)
    if (untold.length > 0)
      losses.approximated(event, 'usage', `what was read and written is told as a whole, without ${untold.join(', ')}`)
    losses.account(event, ['kind', 'usage'])
  }
  return { prompt_eval_count: inputTokensOf(usage), eval_count: outputTokensOf(usage) }
}

/** Ollama gives one answer. */
export const oneAnswer = 'only the first answer is told'

const parts: readonly UsageComponent[] = [
  'cacheRead',
  'cacheReadAudio',
  'cacheReadImage',
  'cacheWrite5m',
  'cacheWrite1h',
  'cacheWriteOther',
  'inputAudio',
  'inputImage',
  'outputReasoning',
  'outputAudio',
  'outputImage',
  'webSearches',
]

/** A provider may say any number; what is no moment is left at the beginning of time. */
function momentOf(seconds: number): string {
  const moment = new Date(seconds * 1000)
  return Number.isNaN(moment.getTime()) ? new Date(0).toISOString() : moment.toISOString()
}
