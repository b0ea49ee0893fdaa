import type { CloseEvent, StopReason } from '../../../canonical/event.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { hear } from '../../../canonical/origin.ts'
import { dialectName, isOwn } from './own.ts'

/** Source: service model 2023-09-30, `StopReason`. */
const reasons: ReadonlyMap<Json | undefined, StopReason> = new Map<Json | undefined, StopReason>([
  ['end_turn', 'end'],
  ['stop_sequence', 'stop-sequence'],
  ['max_tokens', 'length'],
  ['tool_use', 'tool-use'],
  ['content_filtered', 'content-filter'],
  ['guardrail_intervened', 'content-filter'],
  ['model_context_window_exceeded', 'length'],
])

/** An answer that does not say why it ended has ended all the same. */
export function readClose(wire: JsonObject, path: string, unheard?: readonly string[]): CloseEvent {
  const said = wire['stopReason']
  const reason = typeof said === 'string' ? (reasons.get(said) ?? 'other') : 'end'
  const event: CloseEvent = {
    kind: 'close',
    choice: 0,
    reason,
    nativeReason: typeof said !== 'string' || said === words[reason] ? undefined : said,
    stopSequence: undefined,
  }
  return hear(event, { dialect: dialectName, wire, path, heard: { reason: 'stopReason' }, ...(unheard && { unheard }) })
}

/** @param hasToolUse whether the answer holds a call of a tool. */
export function writeReason(close: CloseEvent | undefined, hasToolUse: boolean, losses: Losses): string {
  if (close === undefined) return hasToolUse ? 'tool_use' : 'end_turn'
  const { reason, nativeReason } = close
  if (isOwn(close)) return nativeReason ?? words[reason]
  // The provider's own word beside the published one is nothing that a client of this dialect looks for.
  losses.account(close, ['kind', 'choice', 'reason'])
  // Elsewhere a turn of calls may end like the rest; a client of this dialect runs tools only when told `tool_use`.
  if (reason === 'end' && hasToolUse) {
    losses.approximated(close, 'reason', 'an answer that calls tools waits for them')
    return 'tool_use'
  }
  if (reason === 'other' || reason === 'pause')
    losses.approximated(close, 'reason', 'it is told as the end of a turn, for which Bedrock has no nearer word')
  return words[reason]
}

const words: Readonly<Record<StopReason, string>> = {
  end: 'end_turn',
  'stop-sequence': 'stop_sequence',
  length: 'max_tokens',
  'tool-use': 'tool_use',
  'content-filter': 'content_filtered',
  pause: 'end_turn',
  other: 'end_turn',
}
