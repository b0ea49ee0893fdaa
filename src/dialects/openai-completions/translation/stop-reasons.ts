import type { CloseEvent, StopReason } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { hear } from '../../../canonical/origin.ts'
import { completionsDialect, isOwn } from './own.ts'

/**
 * Why a choice ended. OpenRouter tells the model's own word beside its own, vLLM the stop sequence that was found.
 * @param unheard what the choice said besides, that no canonical word carries.
 */
export function readClose(choice: JsonObject, index: number, path: string, unheard: readonly string[]): CloseEvent {
  const { finish_reason: said, native_finish_reason: native, stop_reason: stop } = choice
  const stopSequence = typeof stop === 'string' && stop !== '' ? stop : undefined
  const reason = typeof said === 'string' ? (reasons.get(said) ?? 'other') : 'other'
  const own = typeof said === 'string' && !reasons.has(said) ? said : undefined
  return hear<CloseEvent>(
    {
      kind: 'close',
      choice: index,
      reason: reason === 'end' && stopSequence !== undefined ? 'stop-sequence' : reason,
      nativeReason: typeof native === 'string' && native !== '' && native !== said ? native : own,
      stopSequence,
    },
    {
      dialect: completionsDialect,
      wire: choice,
      path,
      heard: { reason: 'finish_reason', nativeReason: 'native_finish_reason', stopSequence: 'stop_reason' },
      unheard,
    },
  )
}

/** How a choice says that it ended. */
export function closingWords(close: CloseEvent, losses: Losses): JsonObject {
  const { reason, nativeReason, stopSequence } = close
  const extras = {
    ...(nativeReason !== undefined && { native_finish_reason: nativeReason }),
    ...(stopSequence !== undefined && { stop_reason: stopSequence }),
  }
  // A word of this dialect that we do not know is passed on; one that never came is not made up.
  if (isOwn(close) && reason === 'other') return { finish_reason: nativeReason ?? null, ...extras }
  // Which one was found tells a stop sequence from an end.
  const isUnnamed = reason === 'stop-sequence' && stopSequence === undefined
  if (isUnnamed || isCoarser.has(reason)) losses.approximated(close, 'reason', 'it is told as the end of a text')
  return { finish_reason: words[reason], ...extras }
}

/** API description 2.3.0. */
const words: Readonly<Record<StopReason, string>> = {
  end: 'stop',
  'stop-sequence': 'stop',
  length: 'length',
  'tool-use': 'stop',
  'content-filter': 'content_filter',
  pause: 'stop',
  other: 'stop',
}

const isCoarser: ReadonlySet<StopReason> = new Set(['tool-use', 'pause', 'other'])

const reasons: ReadonlyMap<string, StopReason> = new Map([
  ['stop', 'end'],
  ['length', 'length'],
  ['content_filter', 'content-filter'],
])
