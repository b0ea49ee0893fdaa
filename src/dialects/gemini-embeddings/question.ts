import type { EmbeddingsCall, EmbeddingsInput } from '../../canonical/embeddings.ts'
import { GatewayError } from '../../canonical/error.ts'
import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject, wordOf } from '../../canonical/json.ts'
import type { Losses } from '../../canonical/loss.ts'
import { hear, originOf, rewrite } from '../../canonical/origin.ts'
import { isJsonArray, readModelName } from '../shared/call-fields.ts'
import { bareName, resourceName } from '../vendors/gemini/path.ts'
import { memberOf, spelledIn } from '../vendors/gemini/spelling.ts'
import { unsayable } from '../shared/one-answer/listed-embeddings.ts'
import { purposeIn } from '../shared/one-answer/purposes.ts'
import { isBatch, namedAnew, questionsIn } from './read-call.ts'

export const dialect = 'gemini-embeddings'

/**
 * The whole question. What all questions of a batch say alike is one word of the canonical call; where one says otherwise than the
 * first, its own word is unheard.
 */
export function readQuestion(body: JsonObject): EmbeddingsCall {
  const questions = questionsIn(body)
  const [first = {}] = questions
  const prefix = (index: number) => (isBatch(body) ? `requests[${index}].` : '')
  const [purpose, dimensions] = [memberOf(first, 'taskType'), memberOf(first, 'outputDimensionality')]
  const call: EmbeddingsCall = {
    modelName: bareName(readModelName(body)),
    inputs: questions.map((one, index) => readInput(one, prefix(index))),
    dimensions: typeof dimensions === 'number' ? dimensions : undefined,
    encoding: undefined,
    numberType: undefined,
    purpose: typeof purpose === 'string' ? purposeIn(purpose) : undefined,
    truncation: undefined,
    endUser: undefined,
  }
  const unheard = questions.flatMap((one, index) =>
    Object.keys(one)
      .filter((key) => !isBatch(body) || key !== 'model')
      .filter((key) => !understood.has(key) && one[key] !== null && !isSaidByFirst(key, one, first))
      .map((key) => `${prefix(index)}${key}`),
  )
  const others = isBatch(body) ? Object.keys(body).filter((key) => !understood.has(key) && key !== 'requests') : []
  return hear(call, {
    dialect,
    wire: body,
    path: '',
    heard: {
      modelName: 'model',
      ...(call.purpose !== undefined && { purpose: `${prefix(0)}${spelledIn(first, 'taskType')}` }),
      ...(call.dimensions !== undefined && { dimensions: `${prefix(0)}${spelledIn(first, 'outputDimensionality')}` }),
    },
    unheard: [...unheard, ...others],
  })
}

const understood: ReadonlySet<string> = new Set(['content', 'model', 'method'])

function isSaidByFirst(key: string, one: JsonObject, first: JsonObject): boolean {
  const heard = [spelledIn(first, 'taskType'), spelledIn(first, 'outputDimensionality')]
  return heard.includes(key) && one[key] === first[key]
}

function readInput(question: JsonObject, prefix: string): EmbeddingsInput {
  const wire = question['content'] ?? null
  const parts = isJsonObject(wire) ? wire['parts'] : undefined
  const [only] = isJsonArray(parts) ? parts : [parts]
  const isSingle = !isJsonArray(parts) || parts.length === 1
  const isText = isSingle && isJsonObject(only) && typeof only['text'] === 'string' && Object.keys(only).length === 1
  const input: EmbeddingsInput =
    isText && typeof only['text'] === 'string'
      ? { kind: 'text', text: only['text'] }
      : { kind: 'opaque', type: 'content of several parts' }
  return hear(input, { dialect, wire, path: `${prefix}content`, heard: { text: 'parts', '': 'role' } })
}

/** An own call goes back as it came, but for what was edited; a foreign one is a batch. */
export function writeQuestion(call: EmbeddingsCall, losses: Losses): JsonObject {
  const written = rewrite(call, dialect, (one) => freshQuestion(one, losses))
  return isJsonObject(written) ? written : {}
}

function freshQuestion(call: EmbeddingsCall, losses: Losses): JsonObject {
  const { modelName, inputs, dimensions } = call
  const origin = originOf(call)
  if (origin?.dialect === dialect && isJsonObject(origin.wire)) return ownQuestion(call, origin.wire)
  const taskType = call.purpose === undefined ? undefined : taskTypes.get(call.purpose)
  if (inputs.length === 0) throw new GatewayError('unsupported', 'nothing is given to embed', { param: 'input' })
  // Floats are all it writes; how a vector is encoded is the answer's affair.
  losses.account(call, [
    ...(['modelName', 'inputs', 'dimensions', 'encoding'] as const),
    ...(taskType === undefined ? [] : (['purpose'] as const)),
  ])
  const questions = inputs.map((input) => ({
    content: { parts: [{ text: textOf(input, losses) }] },
    ...(taskType !== undefined && { taskType }),
    ...(dimensions !== undefined && { outputDimensionality: dimensions }),
  }))
  const [only] = questions
  // Vertex has no batches.
  if (only && questions.length === 1) return { model: modelName, method: 'embedContent', ...only }
  const requests = questions.map((question) => ({ model: resourceName(modelName), ...question }))
  return { model: modelName, method: 'batchEmbedContents', requests }
}

function ownQuestion({ modelName, inputs }: EmbeddingsCall, wire: JsonObject): JsonObject {
  const contents = inputs.map((input) =>
    rewrite(input, dialect, (one): Json => (one.kind === 'text' ? contentOf(one) : null)),
  )
  const isRenamed = modelName !== bareName(wordOf(wire['model']))
  const model = !isRenamed
    ? wire['model']
    : wire['model'] === bareName(wordOf(wire['model']))
      ? modelName
      : resourceName(modelName)
  const named = { ...wire, model: model ?? modelName }
  if (!isBatch(wire)) return { ...named, content: contents[0] ?? null }
  const questions = questionsIn(wire).map((one, index) => ({ ...one, content: contents[index] ?? null }))
  return { ...named, requests: isRenamed ? namedAnew(questions, modelName) : questions }
}

/** Google takes a part without its list too. */
function contentOf(input: Extract<EmbeddingsInput, { readonly kind: 'text' }>): JsonObject {
  const wire = originOf(input)?.wire
  const part = { text: input.text }
  return { parts: isJsonObject(wire) && isJsonObject(wire['parts']) ? part : [part] }
}

function textOf(input: EmbeddingsInput, losses: Losses): string {
  if (input.kind !== 'text') throw unsayable(input)
  losses.account<{ text?: string }>(input, ['text'])
  return input.text
}

const taskTypes: ReadonlyMap<string, string> = new Map([
  ['query', 'RETRIEVAL_QUERY'],
  ['document', 'RETRIEVAL_DOCUMENT'],
  ['classification', 'CLASSIFICATION'],
  ['clustering', 'CLUSTERING'],
])
