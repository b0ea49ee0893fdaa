import type { CloseEvent, StopReason } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { chatDialect } from './wire-fields.ts'

/**
 * Why a choice ended. Providers that stand between (OpenRouter) tell the model's own word beside theirs; vLLM tells the stop
 * sequence that was found.
 * @param unheard what the choice said besides, that no canonical word carries.
 */
export function readClose(choice: JsonObject, index: number, path: string, unheard: readonly string[]): CloseEvent {
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
      dialect: chatDialect,
      wire: choice,
      path,
      heard: { reason: 'finish_reason', nativeReason: 'native_finish_reason', stopSequence: 'stop_reason' },
      unheard,
    },
  )
}

/** The published word for a reason (API description 2.3.0); what it does not know is `stop` (behaviour.md E1). */
export function finishReasonFor(reason: StopReason): string {
  return words[reason]
}

/** Whether the published word says less than the reason did. */
export function isCoarser(reason: StopReason): boolean {
  return reason === 'pause' || reason === 'other'
}

const words: Readonly<Record<StopReason, string>> = {
  end: 'stop',
  'stop-sequence': 'stop',
  length: 'length',
  'tool-use': 'tool_calls',
  'content-filter': 'content_filter',
  pause: 'stop',
  other: 'stop',
}

/** `function_call` is of the time before tools; `model_length` is Mistral's. */
const reasons: ReadonlyMap<string, StopReason> = new Map([
  ['stop', 'end'],
  ['length', 'length'],
  ['model_length', 'length'],
  ['tool_calls', 'tool-use'],
  ['function_call', 'tool-use'],
  ['content_filter', 'content-filter'],
])
