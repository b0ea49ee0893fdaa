import type { ReplyEvent } from '../../../canonical/event.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { answerAccount } from '../../shared/translation/answer-account.ts'
import { tellUntoldCounts } from '../../vendors/openai/usage-words.ts'
import { isOwn } from './own.ts'

const accountForOthers = answerAccount({
  isOwn,
  opening: ['id', 'responseModel', 'createdAtSeconds'],
  // What was charged is told in the record, not to the client of another dialect.
  usage: (event, losses) => {
    tellUntoldCounts(event, losses)
    losses.account(event, ['kind', 'usage', 'serviceTier'])
  },
})

/** Every choice says by itself how it ended. */
export function accountForEvent(event: ReplyEvent, losses: Losses): void {
  if (event.kind !== 'close') return accountForOthers(event, losses)
  if (!isOwn(event)) losses.account(event, ['kind', 'choice', 'reason', 'nativeReason', 'stopSequence'])
}
