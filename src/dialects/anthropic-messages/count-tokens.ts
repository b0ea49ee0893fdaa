import type { Dialect } from '../dialect.ts'
import { tokenCount } from '../shared/token-count.ts'
import { anthropicMessages } from './index.ts'

/** Anthropic's `/v1/messages/count_tokens`: the body of a message without what is about the answer. */
export const anthropicCountTokens: Dialect = tokenCount(anthropicMessages, {
  name: 'anthropic-count-tokens',
  countKey: 'input_tokens',
})
