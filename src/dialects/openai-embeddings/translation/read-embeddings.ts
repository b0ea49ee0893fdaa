import type { EmbeddingsCall, EmbeddingsInput } from '../../../canonical/embeddings.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { isJsonArray, readModelName, refusal } from '../../call-fields.ts'

/** The dialect's name in the origins of its nodes. */
export const embeddingsDialect = 'openai-embeddings'

/**
 * The whole question. Source: OpenAI API description 2.3.0, 2026-08; `input_type` is Voyage's, Cohere's and OpenRouter's.
 * @throws GatewayError `invalid_request` naming the field, where there is no model or no input.
 */
export function readEmbeddings(body: JsonObject): EmbeddingsCall {
  const { input, dimensions, encoding_format: encoding, input_type: purpose, user } = body
  const modelName = readModelName(body)
  if (input === undefined || input === null) throw refusal('input', 'must be given')
  const heard: Record<string, string> = { modelName: 'model', inputs: 'input' }
  if (typeof dimensions === 'number') heard['dimensions'] = 'dimensions'
  if (typeof encoding === 'string') heard['encoding'] = 'encoding_format'
  if (typeof purpose === 'string') heard['purpose'] = 'input_type'
  if (typeof user === 'string') heard['endUser'] = 'user'
  const call: EmbeddingsCall = {
    modelName,
    inputs: readInputs(input),
    dimensions: typeof dimensions === 'number' ? dimensions : undefined,
    encoding: typeof encoding === 'string' ? encoding : undefined,
    purpose: typeof purpose === 'string' ? purpose : undefined,
    endUser: typeof user === 'string' ? user : undefined,
  }
  return hear(call, { dialect: embeddingsDialect, wire: body, path: '', heard })
}

/** One input, or a list of them; a list of numbers is one input. */
export function isSingleInput(input: Json): boolean {
  return !isJsonArray(input) || isNumbers(input)
}

function readInputs(input: Json): readonly EmbeddingsInput[] {
  if (!isJsonArray(input) || isNumbers(input)) return [readInput(input, 'input')]
  return input.map((one, index) => readInput(one, `input[${index}]`))
}

function readInput(wire: Json, path: string): EmbeddingsInput {
  return hear(inputOf(wire), { dialect: embeddingsDialect, wire, path, heard: { text: '', numbers: '' } })
}

function inputOf(wire: Json): EmbeddingsInput {
  if (typeof wire === 'string') return { kind: 'text', text: wire }
  if (isNumbers(wire)) return { kind: 'token-numbers', numbers: [...wire] }
  return { kind: 'opaque', type: Array.isArray(wire) ? 'list' : typeof wire }
}

function isNumbers(value: Json): value is readonly number[] {
  return isJsonArray(value) && value.length > 0 && value.every((one) => typeof one === 'number')
}
