import type { ReplyEvent } from '../../../canonical/event.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { originOf } from '../../../canonical/origin.ts'
import { isOwn } from './own.ts'

/** What of an answer of another dialect is told, event by event; the rest of what they hold is a loss. */
export function accountForEvent(event: ReplyEvent, losses: Losses): void {
  if (isOwn(event)) return
  switch (event.kind) {
    case 'open':
      return losses.account(event, ['kind', 'id', 'responseModel', 'createdAtSeconds'])
    case 'usage':
      if (event.usage.inputAudio + event.usage.inputImage + event.usage.outputAudio + event.usage.outputImage > 0)
        losses.approximated(event, 'usage', 'sounds and images are counted with the text')
      // What was charged is told in the record, not to the client of another dialect.
      return losses.account(event, ['kind', 'usage', 'serviceTier'])
    case 'block-start':
      return losses.account(event, ['kind', 'choice', 'block', 'content'])
    case 'block-delta':
      return losses.account(event, ['kind', 'choice', 'block', 'delta'])
    default:
  }
}

/** Another choice than the first: a response is one answer. */
export function loseChoice(event: ReplyEvent & { readonly choice: number }, losses: Losses): void {
  const path = originOf(event)?.path ?? ''
  losses.note(path === '' ? `choices[${event.choice}]` : path, 'lost', 'a response holds one answer, the first')
}
