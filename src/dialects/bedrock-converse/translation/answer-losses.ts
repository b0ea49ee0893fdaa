import type { ReplyEvent } from '../../../canonical/event.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { originOf } from '../../../canonical/origin.ts'
import { isOwn } from './own.ts'
import { tierOf } from './usage-words.ts'

/** What of an answer of another dialect is told, event by event; the rest of what they hold is a loss. */
export function accountForEvent(event: ReplyEvent, losses: Losses): void {
  if (isOwn(event)) return
  switch (event.kind) {
    case 'open':
      // Bedrock tells its clients no id and no model: they know whom they asked.
      return losses.account(event, ['kind'])
    case 'usage': {
      const { usage } = event
      const apart = [usage.outputReasoning, usage.inputAudio, usage.inputImage, usage.outputAudio, usage.outputImage]
      if (apart.some((count) => count > 0) || usage.webSearches > 0)
        losses.approximated(
          event,
          'usage',
          'thoughts, sounds and images are counted with the text, searches not at all',
        )
      return losses.account(event, [
        'kind',
        'usage',
        ...(tierOf(event) === undefined ? [] : (['serviceTier'] as const)),
      ])
    }
    case 'block-start':
      return losses.account(event, ['kind', 'choice', 'block', 'content'])
    case 'block-delta':
      return losses.account(event, ['kind', 'choice', 'block', 'delta'])
    default:
      return
  }
}

/** Another choice than the first: an answer is one message. */
export function loseChoice(event: ReplyEvent & { readonly choice: number }, losses: Losses): void {
  const path = originOf(event)?.path ?? ''
  losses.note(path === '' ? `choices[${event.choice}]` : path, 'lost', 'an answer holds one message, the first')
}
