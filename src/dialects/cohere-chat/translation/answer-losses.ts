import type { ReplyEvent } from '../../../canonical/event.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { originOf } from '../../../canonical/origin.ts'
import { isOwn } from './own.ts'
import { hasUntoldCounts } from './usage-words.ts'

/** What of an answer of another dialect is told, event by event; the rest of what they hold is a loss. */
export function accountForEvent(event: ReplyEvent, losses: Losses): void {
  if (isOwn(event)) return
  switch (event.kind) {
    case 'open':
      return losses.account(event, ['kind', 'id'], 'an answer of Cohere names neither its model nor its time')
    case 'usage':
      if (hasUntoldCounts(event.usage))
        losses.approximated(event, 'usage', 'sounds and what was written to a cache are counted with the text')
      return losses.account(event, ['kind', 'usage'])
    case 'block-start':
      return losses.account(event, ['kind', 'choice', 'block', 'content'])
    case 'block-delta':
      return losses.account(event, ['kind', 'choice', 'block', 'delta'])
    default:
      return
  }
}

/** Another choice than the first: a message is one answer. */
export function loseChoice(event: ReplyEvent & { readonly choice: number }, losses: Losses): void {
  const path = originOf(event)?.path ?? ''
  losses.note(path === '' ? `choices[${event.choice}]` : path, 'lost', 'an answer of Cohere is one, the first')
}
