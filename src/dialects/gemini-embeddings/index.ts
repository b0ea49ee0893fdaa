import { isJsonObject } from '../../canonical/json.ts'
import type { Dialect } from '../dialect.ts'
import { geminiEnvelope } from '../vendors/gemini/envelope.ts'
import { geminiNames } from '../vendors/gemini/kept.ts'
import { oneAnswer, readOneAnswer } from '../shared/one-answer/one-answer.ts'
import { miscountOf } from '../shared/one-answer/vectors.ts'
import { address } from './address.ts'
import { listedVectors, readAnswer, readUsage, writeAnswer } from './answer.ts'
import { readExtent, readOwn, upstreamEdits } from './read-call.ts'
import { readQuestion, writeQuestion } from './question.ts'

/** Gemini's `embedContent` and `batchEmbedContents`, from Google or from whoever serves its models in this shape. */
export const geminiEmbeddings: Dialect = oneAnswer({
  name: 'gemini-embeddings',
  operation: 'embeddings',
  address,
  read: readOwn,
  readExtent,
  upstreamEdits,
  kept: geminiNames(() => false),
  readReply: (body) =>
    readOneAnswer(body, {
      what: 'embeddings',
      isAnswer: ({ embedding, embeddings }) => isJsonObject(embedding) || Array.isArray(embeddings),
      usageOf: readUsage,
    }),
  faultIn: (reply, { inputCount = 1 }) => miscountOf(listedVectors(reply).length, inputCount),
  embeddings: { readQuestion, writeQuestion, readAnswer, writeAnswer },
  ...geminiEnvelope,
})
