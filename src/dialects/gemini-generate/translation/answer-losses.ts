import { answerAccount } from '../../shared/translation/answer-account.ts'
import { isOwn } from './own.ts'
import { hasTier, hasUntoldCounts } from './usage-words.ts'

export const accountForEvent = answerAccount({
  isOwn,
  opening: ['id', 'responseModel', 'createdAtSeconds'],
  usage: (event, losses) => {
    if (hasUntoldCounts(event.usage))
      losses.approximated(event, 'usage', 'what was written to a cache is part of the prompt; searches are not counted')
    losses.account(event, ['kind', 'usage', ...(hasTier(event) ? (['serviceTier'] as const) : [])])
  },
})
