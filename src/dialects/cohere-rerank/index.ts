import type { JsonObject } from '../../canonical/json.ts'
import type { RerankAnswer } from '../../canonical/rerank.ts'
import { inputTokensOf } from '../../canonical/usage.ts'
import { cohereEnvelope } from '../vendors/cohere/envelope.ts'
import type { Dialect } from '../dialect.ts'
import {
  faultInRanking,
  isRanking,
  listedRerank,
  readRerankCall,
  readRerankExtent,
  readRerankUsage,
} from '../shared/one-answer/listed-rerank.ts'
import { oneAnswer, readOneAnswer } from '../shared/one-answer/one-answer.ts'

/** Cohere's `/v2/rerank`. Documents come back only from its first version, which has words for it. */
export const cohereRerank: Dialect = oneAnswer({
  name: 'cohere-rerank',
  operation: 'rerank',
  read: readRerankCall,
  readExtent: readRerankExtent,
  readReply: (body) => readOneAnswer(body, { what: 'results', isAnswer: isRanking, usageOf: readRerankUsage }),
  faultIn: faultInRanking,
  rerank: listedRerank({
    dialect: 'cohere-rerank',
    keys: {
      topCount: { published: 'top_n', heard: ['top_n'] },
      wantsDocuments: { published: undefined, heard: ['return_documents'] },
      documentTokens: { published: 'max_tokens_per_doc', heard: ['max_tokens_per_doc'] },
      truncates: { published: undefined, heard: [] },
    },
    resultsKey: 'results',
    document: (text) => ({ text }),
    about: (answer, { requestId }) => ({
      id: requestId,
      meta: { api_version: { version: '2' }, ...usageTold(answer) },
    }),
  }),
  ...cohereEnvelope,
})

/** Cohere bills searches. What another bills in tokens is told as Cohere tells those of its other answers. */
function usageTold({ usage }: RerankAnswer): JsonObject {
  if (usage === undefined) return {}
  const { searches } = usage
  const tokens = inputTokensOf(usage)
  const billed = { ...(searches > 0 && { search_units: searches }), ...(tokens > 0 && { input_tokens: tokens }) }
  return { billed_units: billed, ...(tokens > 0 && { tokens: { input_tokens: tokens } }) }
}
