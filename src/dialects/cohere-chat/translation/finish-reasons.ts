import type { CloseEvent, StopReason } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { hear } from '../../../canonical/origin.ts'
import { reasonIn } from '../read-ending.ts'
import { dialectName, isOwn } from './own.ts'

/** cohere-ai 8.1.0, `ChatFinishReason`; those that begin with ERROR_ are of the API's first version, `FinishReason`. */
const reasons: ReadonlyMap<string, StopReason> = new Map([
  ['COMPLETE', 'end'],
  ['STOP_SEQUENCE', 'stop-sequence'],
  ['MAX_TOKENS', 'length'],
  ['TOOL_CALL', 'tool-use'],
  ['ERROR_TOXIC', 'content-filter'],
  ['ERROR_LIMIT', 'length'],
])

/** @returns `undefined` while the answer has not said why it ends. */
export function readClose(ending: JsonObject, path: string): CloseEvent | undefined {
  const said = reasonIn(ending)
  if (said === undefined) return undefined
  const reason = reasons.get(said) ?? 'other'
  const nativeReason = said === words[reason] ? undefined : said
  const event: CloseEvent = { kind: 'close', choice: 0, reason, nativeReason, stopSequence: undefined }
  const heard = { reason: 'finish_reason' }
  return hear(event, { dialect: dialectName, wire: ending, path, heard, unheard: [] })
}

/** @param endsInCall whether the last thing that was said is a call of a tool. */
export function writeReason(close: CloseEvent | undefined, endsInCall: boolean, losses: Losses): string {
  if (close === undefined) return endsInCall ? words['tool-use'] : words.end
  const { reason, nativeReason } = close
  if (isOwn(close)) return nativeReason ?? words[reason]
  // The provider's own word beside the published one is nothing that a client of this dialect looks for.
  losses.account(close, ['kind', 'choice', 'reason'])
  // Elsewhere a turn of calls may end like the rest; a client of this dialect runs tools when told so.
  if (reason === 'end' && endsInCall) {
    losses.approximated(close, 'reason', 'an answer that ends in calls waits for them')
    return words['tool-use']
  }
  if (reason === 'pause' || reason === 'other')
    losses.approximated(close, 'reason', 'it is told as the end of the answer')
  return words[reason]
}

const words: Readonly<Record<StopReason, string>> = {
  end: 'COMPLETE',
  'stop-sequence': 'STOP_SEQUENCE',
  length: 'MAX_TOKENS',
  'tool-use': 'TOOL_CALL',
  'content-filter': 'ERROR_TOXIC',
  pause: 'COMPLETE',
  other: 'COMPLETE',
}
