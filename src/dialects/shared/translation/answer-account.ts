import type { OpenEvent, ReplyEvent, UsageEvent } from '../../../canonical/event.ts'
import type { Losses } from '../../../canonical/loss.ts'

export interface AnswerAccount {
  readonly isOwn: (event: ReplyEvent) => boolean
  /** What of an opening is told, and why the rest is not. */
  readonly opening: readonly (keyof OpenEvent & string)[]
  readonly openingWhy?: string
  /** Names what of a usage is told. */
  readonly usage: (event: UsageEvent, losses: Losses) => void
}

/** What of an answer of another dialect is told, event by event; the rest of what they hold is a loss. How it ended is for whoever says it. */
export function answerAccount(words: AnswerAccount): (event: ReplyEvent, losses: Losses) => void {
  const { isOwn, opening, openingWhy, usage } = words
  return (event, losses) => {
    if (isOwn(event)) return
    switch (event.kind) {
      case 'open':
        return losses.account(event, ['kind', ...opening], openingWhy)
      case 'usage':
        return usage(event, losses)
      case 'block-start':
        return losses.account(event, ['kind', 'choice', 'block', 'content'])
      case 'block-delta':
        return losses.account(event, ['kind', 'choice', 'block', 'delta'])
      default:
    }
  }
}
