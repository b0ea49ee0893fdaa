import type { CloseEvent, StopReason } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { hear } from '../../../canonical/origin.ts'
import { isOwn, dialectName } from './own.ts'

/**
 * Why the answer ended. That it waits for results of tools is told by its calls alone.
 * @param unheard what the answer said besides, that no canonical word carries.
 */
export function readClose(line: JsonObject, hasCalled: boolean, unheard: readonly string[]): CloseEvent {
  const said = typeof line['done_reason'] === 'string' ? line['done_reason'] : ''
  const found = reasons.get(said) ?? (said === '' ? 'end' : 'other')
  const reason = found === 'end' && hasCalled ? 'tool-use' : found
  return hear<CloseEvent>(
    {
      kind: 'close',
      choice: 0,
      reason,
      nativeReason: said === '' || said === words[reason] ? undefined : said,
      stopSequence: undefined,
    },
    {
      dialect: dialectName,
      wire: line,
      path: '',
      heard: { reason: 'done_reason', nativeReason: 'done_reason' },
      unheard,
    },
  )
}

export function doneReason(close: CloseEvent, hasCalled: boolean, losses: Losses): string {
  const { reason, nativeReason } = close
  if (isOwn(close)) return nativeReason ?? words[reason]
  losses.account(close, ['kind', 'choice', 'reason'])
  const isExact = reason === 'length' || (reason === 'end' && !hasCalled) || (reason === 'tool-use' && hasCalled)
  if (!isExact) losses.approximated(close, 'reason', `the target has no word for ${nativeReason ?? reason}`)
  return words[reason]
}

/** Ollama, api/types.go and server/routes.go, read 2026-11: `load` and `unload` answer a call without messages. */
const reasons: ReadonlyMap<string, StopReason> = new Map([
  ['stop', 'end'],
  ['length', 'length'],
])

const words: Readonly<Record<StopReason, string>> = {
  end: 'stop',
  'stop-sequence': 'stop',
  length: 'length',
  'tool-use': 'stop',
  'content-filter': 'stop',
  pause: 'stop',
  other: 'stop',
}
