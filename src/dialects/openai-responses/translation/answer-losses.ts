import { hasMediaTokens } from '../../../canonical/usage.ts'
import { answerAccount } from '../../shared/translation/answer-account.ts'
import { isOwn } from './own.ts'

export const accountForEvent = answerAccount({
  isOwn,
  opening: ['id', 'responseModel', 'createdAtSeconds'],
  usage: (event, losses) => {
    if (hasMediaTokens(event.usage)) losses.approximated(event, 'usage', 'sounds and images are counted with the text')
    // What was charged is told in the record, not to the client of another dialect.
    losses.account(event, ['kind', 'usage', 'serviceTier'])
  },
})

/** A response is one answer. */
export const oneAnswer = 'a response holds one answer, the first'
