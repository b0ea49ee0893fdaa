import { ExtentDraft } from '../../canonical/extent.ts'
import type { JsonObject } from '../../canonical/json.ts'
import { isJsonArray, readLabel, refusal } from '../call-fields.ts'
import type { Dialect } from '../dialect.ts'
import { isEmbeddingsList, readListedUsageIn } from '../listed-embeddings.ts'
import { oneAnswer, readOneAnswer } from '../one-answer.ts'
import { openAiEnvelope } from '../openai-envelope.ts'
import { isTokenNumbers, unreadableIn } from '../token-numbers.ts'
import { embeddings } from './words.ts'

/** OpenAI Embeddings: one call, one answer, no streams. */
export const openAiEmbeddings: Dialect = oneAnswer({
  name: 'openai-embeddings',
  operation: 'embeddings',
  read: (body) => {
    if (body['input'] === undefined || body['input'] === null) throw refusal('input', 'must be given')
    const [unreadable, inputCount] = [unreadableIn(body['input']), inputCountOf(body)]
    return {
      endUser: readLabel(body, 'user'),
      ...(unreadable !== undefined && { unreadable }),
      ...(inputCount > 1 && { inputCount }),
    }
  },
  // All that is read stands in the body.
  readExtent: (body) => {
    const extent = new ExtentDraft()
    extent.inputs = inputCountOf(body)
    return extent.done()
  },
  readReply: (body) =>
    readOneAnswer(body, { what: 'embeddings', isAnswer: isEmbeddingsList, usageOf: readListedUsageIn }),
  embeddings,
  ...openAiEnvelope,
})

/** A list of numbers is one input. */
function inputCountOf({ input }: JsonObject): number {
  return isJsonArray(input) && !isTokenNumbers(input) ? Math.max(1, input.length) : 1
}
