import type { ReplyEvent } from '../../../canonical/event.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { isOwn } from './wire-fields.ts'

/** What of an answer of another dialect is told, event by event; the rest of what they hold is a loss. */
export function accountForEvent(event: ReplyEvent, losses: Losses): void {
  if (isOwn(event)) return
  switch (event.kind) {
    case 'open':
      return losses.account(event, ['kind', 'id', 'responseModel', 'createdAtSeconds'])
    case 'usage':
      // What was charged is told in the record, not to the client of another dialect.
      return losses.account(event, ['kind', 'usage', 'serviceTier'])
    case 'block-start':
      return losses.account(event, ['kind', 'choice', 'block', 'content'])
    case 'block-delta':
      return losses.account(event, ['kind', 'choice', 'block', 'delta'])
    case 'close':
      return losses.account(event, ['kind', 'choice', 'reason', 'nativeReason', 'stopSequence'])
    default:
  }
}
