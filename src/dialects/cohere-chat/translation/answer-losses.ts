import { answerAccount } from '../../shared/translation/answer-account.ts'
import { isOwn } from './own.ts'
import { hasUntoldCounts } from './usage-words.ts'

export const accountForEvent = answerAccount({
  isOwn,
  opening: ['id'],
  openingWhy: 'an answer of Cohere names neither its model nor its time',
  usage: (event, losses) => {
    if (hasUntoldCounts(event.usage))
      losses.approximated(
        event,
        'usage',
        'sounds, what was written to a cache and images from one are counted with the text',
      )
    losses.account(event, ['kind', 'usage'])
  },
})

/** A message is one answer. */
export const oneAnswer = 'an answer of Cohere is one, the first'
