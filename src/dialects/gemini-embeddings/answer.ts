import type { EmbeddingsAnswer, EmbeddingsCall } from '../../canonical/embeddings.ts'
import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import type { Losses } from '../../canonical/loss.ts'
import { originOf } from '../../canonical/origin.ts'
import { inputTokensOf, noUsage, type Usage } from '../../canonical/usage.ts'
import { listIn } from '../shared/call-fields.ts'
import { CountReader, Whole } from '../shared/counts.ts'
import { unknownKeys } from '../shared/translation/unknown-keys.ts'
import { accountForAnswer, readVector, writeVector } from '../shared/one-answer/vectors.ts'
import { isBatch } from './read-call.ts'

export function readAnswer(body: JsonObject): EmbeddingsAnswer {
  return {
    modelName: undefined,
    vectors: listedVectors(body).map((one) => readVector(isJsonObject(one) ? one['values'] : undefined)),
    usage: readUsage(body),
    unheard: unknownKeys(body, understood),
  }
}

/** Of either method: one, or one for each question. */
export function listedVectors(body: JsonObject): readonly Json[] {
  const { embedding } = body
  return isJsonObject(embedding) ? [embedding] : listIn(body, 'embeddings')
}

const understood: ReadonlySet<string> = new Set(['embedding', 'embeddings', 'usageMetadata'])

/** The details are called differently in the two methods (recorded 2026). Sounds and pictures have prices of their own. */
export function readUsage({ usageMetadata }: JsonObject): Usage | undefined {
  if (!isJsonObject(usageMetadata)) return undefined
  const counts = new CountReader()
  const promptTokens = counts.count(usageMetadata, 'promptTokenCount')
  const details = [
    ...listIn(usageMetadata, 'promptTokenDetails'),
    ...listIn(usageMetadata, 'promptTokensDetails'),
  ].filter(isJsonObject)
  const countOf = (modality: string) =>
    details
      .filter((detail) => detail['modality'] === modality)
      .reduce((sum, detail) => sum + (counts.count(detail, 'tokenCount') ?? 0), 0)
  const [audio, image] = [countOf('AUDIO'), countOf('IMAGE')]
  if (!counts.isBelievable || promptTokens === undefined || promptTokens === 0) return undefined
  const whole = new Whole(promptTokens)
  const [inputAudio, inputImage] = [whole.take(audio), whole.take(image)]
  return { ...noUsage, inputAudio, inputImage, inputUncached: whole.rest }
}

export function writeAnswer(answer: EmbeddingsAnswer, question: EmbeddingsCall, losses: Losses): JsonObject {
  accountForAnswer(answer, question, losses)
  const tokens = answer.usage === undefined ? undefined : inputTokensOf(answer.usage)
  const embeddings = answer.vectors.map((vector) => ({ values: writeVector(vector, 'float') }))
  const asked = originOf(question)?.wire
  return {
    ...(isJsonObject(asked) && !isBatch(asked) ? { embedding: embeddings[0] ?? null } : { embeddings }),
    ...(tokens !== undefined && { usageMetadata: { promptTokenCount: tokens } }),
  }
}
