import type { Call } from '../../../canonical/call.ts'
import type { EmbeddingsAnswer, EmbeddingsCall, EmbeddingsInput } from '../../../canonical/embeddings.ts'
import { GatewayError } from '../../../canonical/error.ts'
import { ExtentDraft, type Extent } from '../../../canonical/extent.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { hear, originOf, rewrite } from '../../../canonical/origin.ts'
import { inputTokensOf, noUsage, type Usage } from '../../../canonical/usage.ts'
import { isJsonArray, listIn, readModelName, refusal } from '../call-fields.ts'
import { CountReader } from '../counts.ts'
import { purposeIn } from './purposes.ts'
import type { OneAnswerTranslation } from '../../translation.ts'
import { unknownKeys } from '../translation/unknown-keys.ts'
import { accountForAnswer, miscountOf, readVector, writeVector } from './vectors.ts'
import { isTokenNumbers } from './token-numbers.ts'
import { WireFields } from '../translation/wire-fields.ts'

/** By which of its words a dialect of this shape differs from the next. */
export interface ListedWords {
  readonly dialect: string
  /** The published key of each field, then others under which it is heard. Fields without a published key are not told to it. */
  readonly keys: Readonly<Record<'dimensions' | 'encoding' | 'numberType' | 'purpose' | 'truncation' | 'endUser', Keys>>
  /** Encodings it has a word for; one that it does not is what it does by itself. */
  readonly encodings: readonly string[]
  /** Whether an input may be the numbers of its tokens. */
  readonly takesTokenNumbers: boolean
}

interface Keys {
  readonly published: string | undefined
  readonly heard: readonly string[]
}

/**
 * Embeddings as OpenAI words them, and Voyage with other words: `input` is a text, a list of texts, or either as numbers of
 * tokens; the answer is a list with places. Source: OpenAI API description 2.3.0, 2026-08; Voyage's OpenAPI document, read 2026-11.
 */
export function listedEmbeddings(words: ListedWords): OneAnswerTranslation<EmbeddingsCall, EmbeddingsAnswer> {
  return {
    readQuestion: (body) => readQuestion(body, words),
    writeQuestion: (question, losses) => {
      const written = rewrite(question, words.dialect, (one) => freshQuestion(one, losses, words))
      return isJsonObject(written) ? written : {}
    },
    readAnswer,
    writeAnswer,
  }
}

/**
 * What limits and budgets need of a call of this shape: how many inputs it holds. A list of numbers is one.
 * @throws GatewayError `invalid_request`, where there is no input.
 */
export function readListedCall(body: JsonObject): Pick<Call, 'inputCount'> {
  if (body['input'] === undefined || body['input'] === null) throw refusal('input', 'must be given')
  return countedInputs(inputCountOf(body))
}

export function readListedExtent(body: JsonObject): Extent {
  const extent = new ExtentDraft()
  extent.inputs = Math.max(1, inputCountOf(body))
  return extent.done()
}

/** A call of one input says nothing of it. */
export function countedInputs(inputCount: number): Pick<Call, 'inputCount'> {
  return inputCount === 1 ? {} : { inputCount }
}

function inputCountOf({ input }: JsonObject): number {
  return isJsonArray(input) && !isTokenNumbers(input) ? input.length : 1
}

function readQuestion(body: JsonObject, { dialect, keys }: ListedWords): EmbeddingsCall {
  const { input } = body
  const modelName = readModelName(body)
  if (input === undefined || input === null) throw refusal('input', 'must be given')
  const fields = new WireFields(dialect, body, '')
  fields.note('modelName', 'model')
  fields.note('inputs', 'input')
  const encoding = body['encoding_format']
  const isKnownEncoding = encoding === 'float' || encoding === 'base64'
  if (isKnownEncoding) fields.note('encoding', 'encoding_format')
  const truncates = fields.flag('truncation', ...keys.truncation.heard)
  return fields.hear<EmbeddingsCall>({
    modelName,
    inputs: readInputs(input, dialect),
    dimensions: fields.number('dimensions', ...keys.dimensions.heard),
    encoding: isKnownEncoding ? encoding : undefined,
    numberType: fields.text('numberType', ...keys.numberType.heard),
    purpose: purposeIn(fields.text('purpose', ...keys.purpose.heard)),
    truncation: truncates === undefined ? undefined : truncates ? 'end' : 'none',
    endUser: fields.text('endUser', ...keys.endUser.heard),
  })
}

/** One input, or a list of them; a list of numbers is one input. */
function isSingleInput(input: Json): boolean {
  return !isJsonArray(input) || isTokenNumbers(input)
}

function readInputs(input: Json, dialect: string): readonly EmbeddingsInput[] {
  if (!isJsonArray(input) || isTokenNumbers(input)) return [readInput(input, 'input', dialect)]
  return input.map((one, index) => readInput(one, `input[${index}]`, dialect))
}

function readInput(wire: Json, path: string, dialect: string): EmbeddingsInput {
  return hear(inputOf(wire), { dialect, wire, path, heard: { text: '', numbers: '' } })
}

function inputOf(wire: Json): EmbeddingsInput {
  if (typeof wire === 'string') return { kind: 'text', text: wire }
  if (isTokenNumbers(wire)) return { kind: 'token-numbers', numbers: [...wire] }
  return { kind: 'opaque', type: Array.isArray(wire) ? 'list' : typeof wire }
}

function freshQuestion(call: EmbeddingsCall, losses: Losses, words: ListedWords): JsonObject {
  const { modelName, inputs } = call
  const origin = originOf(call)
  const isOwn = origin?.dialect === words.dialect
  const said: [string, Json][] = []
  const carried: (keyof EmbeddingsCall & string)[] = ['modelName', 'inputs']
  const say = (field: keyof ListedWords['keys'], value: Json | undefined) => {
    // An own field stays under the name that its caller used.
    const key = isOwn ? origin.heard[field] : words.keys[field].published
    if (key === undefined || value === undefined) return
    said.push([key, value])
    carried.push(field)
  }
  say('dimensions', call.dimensions)
  // What a provider does by itself needs no word.
  if (isOwn || call.encoding === undefined || words.encodings.includes(call.encoding)) say('encoding', call.encoding)
  else carried.push('encoding')
  say('numberType', call.numberType)
  say('purpose', call.purpose === 'query' || call.purpose === 'document' || isOwn ? call.purpose : undefined)
  say('truncation', call.truncation === undefined ? undefined : call.truncation !== 'none')
  if (call.truncation === 'start') losses.approximated(call, 'truncation', 'only the end of a text can be cut')
  say('endUser', call.endUser)
  // OpenAI refuses what is too long, so that this says nothing there.
  if (call.truncation === 'none') carried.push('truncation')
  if (!isOwn) losses.account(call, carried)
  const written = inputs.map((input) => writeInput(input, losses, words))
  const [only] = written
  return {
    model: modelName,
    input: isSingle(call, words.dialect) && written.length === 1 && only !== undefined ? only : written,
    ...Object.fromEntries(said),
  }
}

/** As it came; a foreign single input does without a list. */
function isSingle(call: EmbeddingsCall, dialect: string): boolean {
  const origin = originOf(call)
  const said = isJsonObject(origin?.wire) && origin.dialect === dialect ? origin.wire['input'] : undefined
  return said === undefined ? call.inputs.length === 1 : isSingleInput(said)
}

function writeInput(input: EmbeddingsInput, losses: Losses, { dialect, takesTokenNumbers }: ListedWords): Json {
  const origin = originOf(input)
  const isOwn = origin?.dialect === dialect
  if (input.kind === 'opaque') {
    if (isOwn) return origin.wire
    throw unsayable(input)
  }
  if (input.kind === 'token-numbers' && !isOwn && !takesTokenNumbers) throw unsayable(input)
  if (!isOwn) losses.account<{ text?: string; numbers?: readonly number[] }>(input, ['text', 'numbers'])
  return rewrite<EmbeddingsInput>(input, dialect, (one) => wordsOf(one))
}

/** An input that is left out would leave its neighbours with the wrong vectors: the whole call is refused instead. */
export function unsayable(input: EmbeddingsInput): GatewayError {
  const what = input.kind === 'opaque' ? input.type : input.kind
  const path = originOf(input)?.path ?? 'input'
  return new GatewayError('unsupported', `${path} (${what}) has no word in the dialect of the target`, { param: path })
}

function wordsOf(input: EmbeddingsInput): Json {
  switch (input.kind) {
    case 'text':
      return input.text
    case 'token-numbers':
      return input.numbers
    case 'opaque':
      return null
    default:
      return input satisfies never
  }
}

function readAnswer(body: JsonObject): EmbeddingsAnswer {
  const { model: modelName } = body
  const listed = listIn(body, 'data').map((one, place) => {
    const item = isJsonObject(one) ? one : {}
    const { index } = item
    return { at: typeof index === 'number' ? index : place, vector: readVector(item['embedding']) }
  })
  return {
    modelName: typeof modelName === 'string' ? modelName : undefined,
    vectors: listed.toSorted((one, other) => one.at - other.at).map(({ vector }) => vector),
    usage: readListedUsageIn(body),
    unheard: unknownKeys(body, understoodInAnswers),
  }
}

const understoodInAnswers: ReadonlySet<string> = new Set([
  'object',
  'data',
  'id',
  'model',
  'usage.prompt_tokens',
  'usage.total_tokens',
  // 0 for an operation that writes nothing.
  'usage.completion_tokens',
])

export function isEmbeddingsList(reply: JsonObject): boolean {
  return isJsonArray(reply['data'])
}

/** What is wrong with a list of the call's vectors: every input must have its own. */
export function faultInList(reply: JsonObject, { inputCount = 1 }: Call): string | undefined {
  return miscountOf(listIn(reply, 'data').length, inputCount)
}

export function readListedUsageIn({ usage }: JsonObject): Usage | undefined {
  return isJsonObject(usage) ? readListedUsage(usage) : undefined
}

/** Voyage tells `total_tokens` alone. */
function readListedUsage(said: JsonObject): Usage | undefined {
  const counts = new CountReader()
  const inputTokens = counts.count(said, 'prompt_tokens', 'total_tokens')
  if (!counts.isBelievable || inputTokens === undefined || inputTokens === 0) return undefined
  return { ...noUsage, inputUncached: inputTokens }
}

const writeAnswer: OneAnswerTranslation<EmbeddingsCall, EmbeddingsAnswer>['writeAnswer'] = (
  answer,
  question,
  losses,
  { modelName, estimatedInputTokens = 0 },
) => {
  accountForAnswer(answer, question, losses)
  // OpenAI's description demands a usage, and its clients read it unseen (2.3.0, 2026-08).
  const tokens = answer.usage === undefined ? estimatedInputTokens : inputTokensOf(answer.usage)
  return {
    object: 'list',
    data: answer.vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: writeVector(vector, question.encoding),
    })),
    model: answer.modelName ?? modelName,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  }
}
