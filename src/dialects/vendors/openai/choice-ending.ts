import type { CloseEvent, StopReason } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { hear } from '../../../canonical/origin.ts'

/** The words in which one of OpenAI's older dialects says how a choice ended. */
export interface EndingWords {
  readonly dialect: string
  readonly isOwn: (close: CloseEvent) => boolean
  /** The published word for each reason. */
  readonly words: Readonly<Record<StopReason, string>>
  /** Every word that is known, published or not. */
  readonly reasons: ReadonlyMap<string, StopReason>
  /** Reasons of which the published word says less. */
  readonly coarser: ReadonlySet<StopReason>
  readonly coarserWhy: string
}

export interface ChoiceEnding {
  /**
   * Why a choice ended. Providers that stand between (OpenRouter) tell the model's own word beside theirs; vLLM tells the stop
   * sequence that was found.
   * @param unheard what the choice said besides, that no canonical word carries.
   */
  readClose(choice: JsonObject, index: number, path: string, unheard: readonly string[]): CloseEvent
  /**
   * How a choice says that it ended: the published word, beside it the provider's own where ours is coarser (OpenRouter's
   * `native_finish_reason`), and the stop sequence that was found (vLLM's `stop_reason`).
   */
  closingWords(close: CloseEvent, losses: Losses): JsonObject
}

export function choiceEnding({ dialect, isOwn, words, reasons, coarser, coarserWhy }: EndingWords): ChoiceEnding {
  return {
    readClose(choice, index, path, unheard) {
      const { finish_reason: said, native_finish_reason: native, stop_reason: stop } = choice
      const stopSequence = typeof stop === 'string' && stop !== '' ? stop : undefined
      const reason = typeof said === 'string' ? (reasons.get(said) ?? 'other') : 'other'
      const own = typeof said === 'string' && said !== words[reason] ? said : undefined
      return hear<CloseEvent>(
        {
          kind: 'close',
          choice: index,
          reason: reason === 'end' && stopSequence !== undefined ? 'stop-sequence' : reason,
          nativeReason: typeof native === 'string' && native !== '' && native !== said ? native : own,
          stopSequence,
        },
        {
          dialect,
          wire: choice,
          path,
          heard: { reason: 'finish_reason', nativeReason: 'native_finish_reason', stopSequence: 'stop_reason' },
          unheard,
        },
      )
    },
    closingWords(close, losses) {
      const { reason, nativeReason, stopSequence } = close
      const extras = {
        ...(nativeReason !== undefined && { native_finish_reason: nativeReason }),
        ...(stopSequence !== undefined && { stop_reason: stopSequence }),
      }
      // A word of this dialect that we do not know is passed on; one that never came is not made up.
      if (isOwn(close) && reason === 'other') return { finish_reason: nativeReason ?? null, ...extras }
      // Which one was found tells a stop sequence from an end.
      const isUnnamed = reason === 'stop-sequence' && stopSequence === undefined
      if (isUnnamed || coarser.has(reason)) losses.approximated(close, 'reason', coarserWhy)
      return { finish_reason: words[reason], ...extras }
    },
  }
}
