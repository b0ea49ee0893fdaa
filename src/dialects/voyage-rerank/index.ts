import type { Dialect } from '../dialect.ts'
import {
  faultInRanking,
  isRanking,
  listedRerank,
  readRerankCall,
  readRerankExtent,
  readRerankUsage,
  tokensTold,
} from '../shared/one-answer/listed-rerank.ts'
import { oneAnswer, readOneAnswer } from '../shared/one-answer/one-answer.ts'
import { openAiEnvelope } from '../vendors/openai/envelope.ts'

/** Voyage's `/v1/rerank`: `top_k`, and the results in `data`. Its clients call the path that others have too, so that only providers speak it. */
export const voyageRerank: Dialect = oneAnswer({
  name: 'voyage-rerank',
  operation: 'rerank',
  read: readRerankCall,
  readExtent: readRerankExtent,
  readReply: (body) => readOneAnswer(body, { what: 'results', isAnswer: isRanking, usageOf: readRerankUsage }),
  faultIn: faultInRanking,
  rerank: listedRerank({
    dialect: 'voyage-rerank',
    keys: {
      topCount: { published: 'top_k', heard: ['top_k'] },
      wantsDocuments: { published: 'return_documents', heard: ['return_documents'] },
      documentTokens: { published: undefined, heard: [] },
      truncates: { published: 'truncation', heard: ['truncation'] },
    },
    resultsKey: 'data',
    document: (text) => text,
    about: (answer, { modelName }) => ({
      object: 'list',
      model: answer.modelName ?? modelName,
      ...tokensTold(answer),
    }),
  }),
  ...openAiEnvelope,
})
