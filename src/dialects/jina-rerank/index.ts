import type { Dialect } from '../dialect.ts'
import {
  faultInRanking,
  isRanking,
  listedRerank,
  readRerankCall,
  readRerankExtent,
  readRerankUsage,
  searchesTold,
  tokensTold,
} from '../shared/one-answer/listed-rerank.ts'
import { oneAnswer, readOneAnswer } from '../shared/one-answer/one-answer.ts'
import { openAiEnvelope } from '../vendors/openai/envelope.ts'

/**
 * `/v1/rerank` as Jina words it and vLLM, Together and many a server with it. Clients of Voyage call the same path: their words are
 * heard too.
 */
export const jinaRerank: Dialect = oneAnswer({
  name: 'jina-rerank',
  operation: 'rerank',
  read: readRerankCall,
  readExtent: readRerankExtent,
  readReply: (body) => readOneAnswer(body, { what: 'results', isAnswer: isRanking, usageOf: readRerankUsage }),
  faultIn: faultInRanking,
  rerank: listedRerank({
    dialect: 'jina-rerank',
    keys: {
      topCount: { published: 'top_n', heard: ['top_n', 'top_k'] },
      wantsDocuments: { published: 'return_documents', heard: ['return_documents'] },
      documentTokens: { published: undefined, heard: ['max_tokens_per_doc'] },
      truncates: { published: undefined, heard: ['truncation'] },
    },
    resultsKey: 'results',
    document: (text) => ({ text }),
    about: (answer, { requestId, modelName }) => {
      const searches = searchesTold(answer)
      return {
        id: requestId,
        model: answer.modelName ?? modelName,
        ...tokensTold(answer),
        ...(Object.keys(searches).length > 0 && { meta: searches }),
      }
    },
  }),
  ...openAiEnvelope,
})
