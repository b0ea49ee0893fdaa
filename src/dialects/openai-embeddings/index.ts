import { readLabel } from '../shared/call-fields.ts'
import type { Dialect } from '../dialect.ts'
import {
  faultInList,
  isEmbeddingsList,
  readListedCall,
  readListedExtent,
  readListedUsageIn,
} from '../shared/one-answer/listed-embeddings.ts'
import { oneAnswer, readOneAnswer } from '../shared/one-answer/one-answer.ts'
import { openAiEnvelope } from '../vendors/openai/envelope.ts'
import { unreadableIn } from '../shared/one-answer/token-numbers.ts'
import { embeddings } from './words.ts'

/** OpenAI Embeddings: one call, one answer, no streams. */
export const openAiEmbeddings: Dialect = oneAnswer({
  name: 'openai-embeddings',
  operation: 'embeddings',
  read: (body) => {
    const unreadable = unreadableIn(body['input'])
    return {
      ...readListedCall(body),
      endUser: readLabel(body, 'user'),
      ...(unreadable !== undefined && { unreadable }),
    }
  },
  // All that is read stands in the body.
  readExtent: readListedExtent,
  readReply: (body) =>
    readOneAnswer(body, { what: 'embeddings', isAnswer: isEmbeddingsList, usageOf: readListedUsageIn }),
  faultIn: faultInList,
  embeddings,
  ...openAiEnvelope,
})
