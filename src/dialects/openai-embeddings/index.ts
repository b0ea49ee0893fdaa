import { readLabel, refusal } from '../call-fields.ts'
import type { Dialect } from '../dialect.ts'
import { isEmbeddingsList, readListedUsageIn } from '../listed-embeddings.ts'
import { oneAnswer, readOneAnswer } from '../one-answer.ts'
import { openAiEnvelope } from '../openai-envelope.ts'
import { unreadableIn } from '../token-numbers.ts'
import { embeddings } from './words.ts'

/** OpenAI Embeddings: one call, one answer, no streams. */
export const openAiEmbeddings: Dialect = oneAnswer({
  name: 'openai-embeddings',
  operation: 'embeddings',
  read: (body) => {
    if (body['input'] === undefined || body['input'] === null) throw refusal('input', 'must be given')
    const unreadable = unreadableIn(body['input'])
    return { endUser: readLabel(body, 'user'), ...(unreadable !== undefined && { unreadable }) }
  },
  readReply: (body) =>
    readOneAnswer(body, { what: 'embeddings', isAnswer: isEmbeddingsList, usageOf: readListedUsageIn }),
  embeddings,
  ...openAiEnvelope,
})
