import type { CloseEvent, StopReason } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { hear } from '../../../canonical/origin.ts'
import { dialectName, isOwn } from './own.ts'

const reasons: ReadonlyMap<string, StopReason> = new Map([
  ['end_turn', 'end'],
  ['stop_sequence', 'stop-sequence'],
  ['max_tokens', 'length'],
  ['tool_use', 'tool-use'],
  ['refusal', 'content-filter'],
  ['pause_turn', 'pause'],
  ['model_context_window_exceeded', 'length'],
])

/** @returns `undefined` while the answer has not said why it ends. */
export function readClose(wire: JsonObject, path: string, unheard?: readonly string[]): CloseEvent | undefined {
  const { stop_reason: said, stop_sequence: stop } = wire
  if (typeof said !== 'string') return undefined
  const reason = reasons.get(said) ?? 'other'
  const event: CloseEvent = {
    kind: 'close',
    choice: 0,
    reason,
    nativeReason: said === words[reason] ? undefined : said,
    stopSequence: typeof stop === 'string' ? stop : undefined,
  }
  const heard = { reason: 'stop_reason', stopSequence: 'stop_sequence' }
  return hear(event, { dialect: dialectName, wire, path, heard, ...(unheard && { unheard }) })
}

/** @param hasToolUse whether the answer holds a call of a tool. */
export function writeReason(close: CloseEvent | undefined, hasToolUse: boolean, losses: Losses): string {
  if (close === undefined) return hasToolUse ? 'tool_use' : 'end_turn'
  const { reason, nativeReason } = close
  if (isOwn(close)) return nativeReason ?? words[reason]
  // The provider's own word beside the published one is nothing that a client of this dialect looks for.
  losses.account(close, ['kind', 'choice', 'reason', 'stopSequence'])
  // Some providers end a turn of calls as any other; a client of this dialect runs tools only when told `tool_use`.
  if (reason === 'end' && hasToolUse) return 'tool_use'
  if (reason === 'other') losses.approximated(close, 'reason', `it is told as the end of a turn${quoted(nativeReason)}`)
  return words[reason]
}

/** `end_turn` for what nobody here has a word for (behaviour.md E1). */
const words: Readonly<Record<StopReason, string>> = {
  end: 'end_turn',
  'stop-sequence': 'stop_sequence',
  length: 'max_tokens',
  'tool-use': 'tool_use',
  'content-filter': 'refusal',
  pause: 'pause_turn',
  other: 'end_turn',
}

function quoted(nativeReason: string | undefined): string {
  return nativeReason === undefined ? '' : `; its own word is ${JSON.stringify(nativeReason.slice(0, 60))}`
}
