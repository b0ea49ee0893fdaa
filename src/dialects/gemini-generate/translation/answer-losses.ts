import type { ReplyEvent } from '../../../canonical/event.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { isOwn } from './own.ts'
import { hasTier, hasUntoldCounts } from './usage-words.ts'

/** What of an answer of another dialect is told, event by event; the rest of what they hold is a loss. */
export function accountForEvent(event: ReplyEvent, losses: Losses): void {
  if (isOwn(event)) return
  switch (event.kind) {
    case 'open':
      return losses.account(event, ['kind', 'id', 'responseModel', 'createdAtSeconds'])
    case 'usage':
      if (hasUntoldCounts(event.usage))
        losses.approximated(
          event,
          'usage',
          'what was written to a cache is part of the prompt; searches are not counted',
        )
      return losses.account(event, ['kind', 'usage', ...(hasTier(event) ? (['serviceTier'] as const) : [])])
    case 'block-start':
      return losses.account(event, ['kind', 'choice', 'block', 'content'])
    case 'block-delta':
      return losses.account(event, ['kind', 'choice', 'block', 'delta'])
    default:
      return
  }
}
