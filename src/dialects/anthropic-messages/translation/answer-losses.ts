import { hasMediaTokens } from '../../../canonical/usage.ts'
import { answerAccount } from '../../shared/translation/answer-account.ts'
import { isOwn } from './own.ts'
import { hasTier } from './usage-words.ts'

export const accountForEvent = answerAccount({
  isOwn,
  opening: ['id', 'responseModel'],
  usage: (event, losses) => {
    if (hasMediaTokens(event.usage)) losses.approximated(event, 'usage', 'sounds and images are counted with the text')
    losses.account(event, ['kind', 'usage', ...(hasTier(event) ? (['serviceTier'] as const) : [])])
  },
})

/** A message is one answer. */
export const oneAnswer = 'a message holds one answer, the first'
