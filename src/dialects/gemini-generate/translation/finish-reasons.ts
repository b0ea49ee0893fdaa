import type { CloseEvent, StopReason } from '../../../canonical/event.ts'
import type { Json } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { isOwn } from './own.ts'

/** Source: Gemini API discovery document, revision 20260717, `Candidate.finishReason`; Vertex adds MODEL_ARMOR (recorded 2026). */
const reasons: ReadonlyMap<string, StopReason> = new Map([
  ['STOP', 'end'],
  ['MAX_TOKENS', 'length'],
  ['SAFETY', 'content-filter'],
  ['RECITATION', 'content-filter'],
  ['LANGUAGE', 'content-filter'],
  ['BLOCKLIST', 'content-filter'],
  ['PROHIBITED_CONTENT', 'content-filter'],
  ['SPII', 'content-filter'],
  ['ESCALATION', 'content-filter'],
  ['IMAGE_SAFETY', 'content-filter'],
  ['IMAGE_PROHIBITED_CONTENT', 'content-filter'],
  ['IMAGE_RECITATION', 'content-filter'],
  ['IMAGE_OTHER', 'content-filter'],
  ['MODEL_ARMOR', 'content-filter'],
])

/** A clumsy client library tells reasons by their numbers (recorded 2025); of these all APIs of Google agree. */
const numbered: Readonly<Record<number, string>> = { 1: 'STOP', 2: 'MAX_TOKENS', 3: 'SAFETY', 4: 'RECITATION' }

/** The provider's own word; `undefined` while the answer has not said why it ends. */
export function reasonSaid(said: Json | undefined): string | undefined {
  if (typeof said === 'number' && said > 0) return numbered[said] ?? String(said)
  return typeof said === 'string' && said !== '' ? said : undefined
}

/** An answer that calls tools ends as any other does: that it waits for their results is told by the calls. */
export function closeWords(said: string, hasToolUse: boolean): Pick<CloseEvent, 'reason' | 'nativeReason'> {
  const found = reasons.get(said) ?? 'other'
  const reason = found === 'end' && hasToolUse ? 'tool-use' : found
  return { reason, nativeReason: said === words[reason] ? undefined : said }
}

/** What a blocked prompt says is one of the reasons for which an answer may be blocked. */
export function writeReason(close: CloseEvent, hasToolUse: boolean, losses: Losses): string {
  const { reason, nativeReason } = close
  if (isOwn(close)) return nativeReason ?? words[reason]
  // The provider's own word beside the published one is nothing that a client of this dialect looks for.
  losses.account(close, ['kind', 'choice', 'reason'])
  if (reason === 'stop-sequence') losses.approximated(close, 'reason', 'it is told as the end of the answer')
  if (reason === 'end' && hasToolUse) losses.approximated(close, 'reason', 'an answer that calls tools waits for them')
  if (reason === 'tool-use' && !hasToolUse) losses.approximated(close, 'reason', 'the answer calls no tool')
  if (reason === 'pause') losses.approximated(close, 'reason', 'Google has no word for a turn that is to go on')
  return words[reason]
}

const words: Readonly<Record<StopReason, string>> = {
  end: 'STOP',
  'stop-sequence': 'STOP',
  length: 'MAX_TOKENS',
  'tool-use': 'STOP',
  'content-filter': 'SAFETY',
  pause: 'STOP',
  other: 'OTHER',
}
