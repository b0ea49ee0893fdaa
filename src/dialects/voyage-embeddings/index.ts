import type { Dialect } from '../dialect.ts'
import {
  faultInList,
  isEmbeddingsList,
  listedEmbeddings,
  readListedCall,
  readListedExtent,
  readListedUsageIn,
} from '../shared/one-answer/listed-embeddings.ts'
import { oneAnswer, readOneAnswer } from '../shared/one-answer/one-answer.ts'
import { openAiEnvelope } from '../vendors/openai/envelope.ts'

/**
 * Voyage's embeddings: OpenAI's shape in other words. Floats are its default and have no word; what is no base64 is refused there.
 * Its clients call OpenAI's path, so that only providers speak it. Source: Voyage's OpenAPI document, read 2026-11; recorded 2026.
 */
export const voyageEmbeddings: Dialect = oneAnswer({
  name: 'voyage-embeddings',
  operation: 'embeddings',
  read: readListedCall,
  readExtent: readListedExtent,
  readReply: (body) =>
    readOneAnswer(body, { what: 'embeddings', isAnswer: isEmbeddingsList, usageOf: readListedUsageIn }),
  faultIn: faultInList,
  embeddings: listedEmbeddings({
    dialect: 'voyage-embeddings',
    keys: {
      dimensions: { published: 'output_dimension', heard: ['output_dimension'] },
      encoding: { published: 'encoding_format', heard: ['encoding_format'] },
      numberType: { published: 'output_dtype', heard: ['output_dtype'] },
      purpose: { published: 'input_type', heard: ['input_type'] },
      truncation: { published: 'truncation', heard: ['truncation'] },
      endUser: { published: undefined, heard: [] },
    },
    encodings: ['base64'],
    takesTokenNumbers: false,
  }),
  ...openAiEnvelope,
})
