import type { EmbeddingsAnswer, EmbeddingsCall, Vector } from '../../canonical/embeddings.ts'
import { GatewayError } from '../../canonical/error.ts'
import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import type { Losses } from '../../canonical/loss.ts'
import { inputTokensOf, noUsage, type Usage } from '../../canonical/usage.ts'
import { isJsonArray } from '../shared/call-fields.ts'
import { CountReader } from '../shared/counts.ts'
import type { AnswerSettings } from '../translation.ts'
import { unknownKeys } from '../shared/translation/unknown-keys.ts'
import { accountForAnswer, readVector, writeVector } from '../shared/one-answer/vectors.ts'

export function readAnswer(body: JsonObject): EmbeddingsAnswer {
  return {
    modelName: undefined,
    vectors: vectorsIn(body['embeddings']),
    usage: readBilledUsage(body),
    unheard: unknownKeys(body, understood),
  }
}

const understood: ReadonlySet<string> = new Set([
  'embeddings',
  'id',
  // What was asked, once more.
  'texts',
  'images',
  'response_type',
  'meta.api_version',
  'meta.billed_units',
])

/** Floats where there are any; of other kinds of numbers the one that came. */
function vectorsIn(embeddings: Json | undefined): readonly Vector[] {
  const [list = []] = listsIn(embeddings)
  return list.map(readVector)
}

/** A list for each kind of numbers that was asked for, floats and base64 first. */
export function listsIn(embeddings: Json | undefined): readonly (readonly Json[])[] {
  if (isJsonArray(embeddings)) return [embeddings]
  if (!isJsonObject(embeddings)) return []
  return [embeddings['float'], embeddings['base64'], ...Object.values(embeddings)].filter(isJsonArray)
}

/** What is billed is what counts; pictures are told apart. */
export function readBilledUsage(body: JsonObject): Usage | undefined {
  const counts = new CountReader()
  const billed = counts.part(counts.part(body, 'meta'), 'billed_units')
  const inputUncached = counts.count(billed, 'input_tokens') ?? 0
  const inputImage = counts.count(billed, 'image_tokens') ?? 0
  return counts.isBelievable && inputUncached + inputImage > 0 ? { ...noUsage, inputUncached, inputImage } : undefined
}

/** On Bedrock the answer says nothing of what it used; a header beside it does (recorded 2025 and 2026). */
export function readAmazonsCount(header: ((name: string) => string | undefined) | undefined): Usage | undefined {
  const said = header?.('x-amzn-bedrock-input-token-count')
  if (said === undefined || !/^\d{1,15}$/.test(said)) return undefined
  const inputUncached = Number(said)
  return inputUncached > 0 ? { ...noUsage, inputUncached } : undefined
}

export function writeAnswer(
  answer: EmbeddingsAnswer,
  question: EmbeddingsCall,
  losses: Losses,
  { requestId }: AnswerSettings,
): JsonObject {
  accountForAnswer(answer, question, losses)
  const type = question.encoding ?? 'float'
  if (question.numberType !== undefined)
    throw new GatewayError('unsupported', `embeddings of ${question.numberType} can only be asked of Cohere`)
  return {
    id: requestId,
    texts: question.inputs.flatMap((input) => (input.kind === 'text' ? [input.text] : [])),
    embeddings: { [type]: answer.vectors.map((vector) => writeVector(vector, type)) },
    meta: {
      api_version: { version: '2' },
      ...(answer.usage && { billed_units: { input_tokens: inputTokensOf(answer.usage) } }),
    },
    response_type: 'embeddings_by_type',
  }
}
