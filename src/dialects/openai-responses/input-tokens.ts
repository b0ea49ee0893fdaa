import type { Dialect } from '../dialect.ts'
import { tokenCount } from '../shared/token-count.ts'
import { openAiResponses } from './index.ts'

/** OpenAI's `/v1/responses/input_tokens`. */
export const openAiInputTokens: Dialect = tokenCount(openAiResponses, {
  name: 'openai-input-tokens',
  countKey: 'input_tokens',
  about: { object: 'response.input_tokens' },
})
