import { ExtentDraft } from '../../canonical/extent.ts'
import type { JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import { isGiven, listIn, refusal } from '../shared/call-fields.ts'
import { cohereEnvelope } from '../vendors/cohere/envelope.ts'
import type { Dialect } from '../dialect.ts'
import { countedInputs } from '../shared/one-answer/listed-embeddings.ts'
import { oneAnswer, readOneAnswer } from '../shared/one-answer/one-answer.ts'
import { miscountOf } from '../shared/one-answer/vectors.ts'
import { listsIn, readAmazonsCount, readAnswer, readBilledUsage, writeAnswer } from './answer.ts'
import { readQuestion, writeQuestion } from './question.ts'

/** Cohere's `/v2/embed`: several writings of each vector may be asked for at once. */
export const cohereEmbeddings: Dialect = oneAnswer({
  name: 'cohere-embeddings',
  operation: 'embeddings',
  read: (body) => {
    if (!inputKeys.some((key) => isGiven(body[key]))) throw refusal('texts', 'must be given, or images, or inputs')
    const needs = new Set(picturesIn(body).length > 0 ? (['images'] as const) : [])
    return { needs, ...countedInputs(inputCountOf(body)) }
  },
  readExtent: (body) => {
    const extent = new ExtentDraft()
    const pictures = picturesIn(body)
    extent.inputs = inputCountOf(body)
    extent.images = pictures.length
    if (pictures.some((url) => !url.startsWith('data:'))) extent.unseen('a picture by its address')
    return extent.done()
  },
  readReply: (body, header) =>
    readOneAnswer(body, {
      what: 'embeddings',
      isAnswer: hasEmbeddings,
      usageOf: (reply) => readBilledUsage(reply) ?? readAmazonsCount(header),
    }),
  faultIn: ({ embeddings }, { inputCount = 1 }) => {
    const counts = listsIn(embeddings).map(({ length }) => length)
    return miscountOf(counts.find((count) => count !== inputCount) ?? counts[0] ?? 0, inputCount)
  },
  embeddings: { readQuestion, writeQuestion, readAnswer, writeAnswer },
  ...cohereEnvelope,
})

const inputKeys = ['texts', 'images', 'inputs'] as const

function inputCountOf(body: JsonObject): number {
  return inputKeys.reduce((sum, key) => sum + listIn(body, key).length, 0)
}

/** By type since v2; a bare list where `embedding_types` was not said to v1. */
function hasEmbeddings({ embeddings }: JsonObject): boolean {
  return isJsonObject(embeddings) || Array.isArray(embeddings)
}

/** Their addresses, `data:` ones most often. */
function picturesIn(body: JsonObject): readonly string[] {
  const mixed = listIn(body, 'inputs').flatMap((input) => (isJsonObject(input) ? listIn(input, 'content') : []))
  const urls = mixed.map((part) =>
    isJsonObject(part) && isJsonObject(part['image_url']) ? part['image_url']['url'] : null,
  )
  return [...listIn(body, 'images'), ...urls].filter((url) => typeof url === 'string')
}
