import { hasMediaTokens } from '../../../canonical/usage.ts'
import { answerAccount } from '../../shared/translation/answer-account.ts'
import { isOwn } from './own.ts'
import { tierOf } from './usage-words.ts'

export const accountForEvent = answerAccount({
  isOwn,
  // Bedrock tells its clients no id and no model: they know whom they asked.
  opening: [],
  usage: (event, losses) => {
    const { usage } = event
    if (hasMediaTokens(usage) || usage.outputReasoning > 0 || usage.webSearches > 0)
      losses.approximated(event, 'usage', 'thoughts, sounds and images are counted with the text, searches not at all')
    losses.account(event, ['kind', 'usage', ...(tierOf(event) === undefined ? [] : (['serviceTier'] as const))])
  },
})

/** An answer is one message. */
export const oneAnswer = 'an answer holds one message, the first'
