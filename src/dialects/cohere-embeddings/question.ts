import type { EmbeddingsCall, EmbeddingsInput } from '../../canonical/embeddings.ts'
import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import type { Losses } from '../../canonical/loss.ts'
import { hear, originOf, rewrite } from '../../canonical/origin.ts'
import { isJsonArray, listIn, readModelName } from '../shared/call-fields.ts'
import { unsayable } from '../shared/one-answer/listed-embeddings.ts'
import { purposeIn } from '../shared/one-answer/purposes.ts'
import { WireFields } from '../shared/translation/wire-fields.ts'

export const dialect = 'cohere-embeddings'

/** The whole question. Source: Cohere's `/v2/embed` as recorded in 2025 and 2026. */
export function readQuestion(body: JsonObject): EmbeddingsCall {
  const fields = new WireFields(dialect, body, '')
  fields.note('modelName', 'model')
  fields.understand('texts', 'images', 'inputs')
  const types = listIn(body, 'embedding_types').filter((one) => typeof one === 'string')
  const [type] = types
  // One writing is what every dialect has a word for; which of several an answer is read from is told as a loss.
  if (types.length === 1) fields.note(isEncoding(type) ? 'encoding' : 'numberType', 'embedding_types')
  const truncation = fields.text('truncation', 'truncate')?.toLowerCase()
  return fields.hear<EmbeddingsCall>({
    modelName: readModelName(body),
    inputs: readInputs(body),
    dimensions: fields.number('dimensions', 'output_dimension'),
    encoding: isEncoding(type) ? type : undefined,
    numberType: type === undefined || isEncoding(type) ? undefined : type,
    purpose: purposeIn(fields.text('purpose', 'input_type')),
    truncation: truncation === 'none' || truncation === 'start' || truncation === 'end' ? truncation : undefined,
    endUser: undefined,
  })
}

function isEncoding(type: Json | undefined): type is 'float' | 'base64' {
  return type === 'float' || type === 'base64'
}

/** Cohere answers in the order of what it was given: texts, or images, or both mixed in `inputs`. */
function readInputs(body: JsonObject): readonly EmbeddingsInput[] {
  return [
    ...listIn(body, 'texts').map((wire, index) =>
      node(typeof wire === 'string' ? { kind: 'text', text: wire } : opaque('text'), wire, `texts[${index}]`),
    ),
    ...listIn(body, 'images').map((wire, index) => node(opaque('image'), wire, `images[${index}]`)),
    ...listIn(body, 'inputs').map((wire, index) => node(mixed(wire), wire, `inputs[${index}]`, 'content')),
  ]
}

function node(input: EmbeddingsInput, wire: Json, path: string, textKey = ''): EmbeddingsInput {
  return hear(input, { dialect, wire, path, heard: { text: textKey } })
}

function opaque(type: string): EmbeddingsInput {
  return { kind: 'opaque', type }
}

function mixed(wire: Json): EmbeddingsInput {
  const content = isJsonObject(wire) ? listIn(wire, 'content') : []
  const [only] = content
  return content.length === 1 && isJsonObject(only) && typeof only['text'] === 'string'
    ? { kind: 'text', text: only['text'] }
    : opaque('mixed content')
}

/** An own call goes back as it came, but for what was edited; a foreign one is worded in the published fields. */
export function writeQuestion(call: EmbeddingsCall, losses: Losses): JsonObject {
  const written = rewrite(call, dialect, (one) => freshQuestion(one, losses))
  return isJsonObject(written) ? written : {}
}

function freshQuestion(call: EmbeddingsCall, losses: Losses): JsonObject {
  const { modelName, dimensions, truncation } = call
  const origin = originOf(call)
  if (origin?.dialect === dialect && isJsonObject(origin.wire))
    return { ...origin.wire, model: modelName, ...ownInputs(call, origin.wire) }
  const purpose = call.purpose === undefined ? undefined : purposeWords.get(call.purpose)
  losses.account(call, [
    ...(['modelName', 'inputs', 'dimensions', 'encoding', 'numberType', 'truncation'] as const),
    ...(purpose === undefined ? [] : (['purpose'] as const)),
  ])
  if (call.purpose === undefined)
    losses.note('input_type', 'approximated', 'Cohere must be told what vectors are for: they are made for documents')
  return {
    model: modelName,
    texts: call.inputs.map((input) => textOf(input, losses)),
    input_type: purpose ?? 'search_document',
    embedding_types: [call.numberType ?? call.encoding ?? 'float'],
    ...(dimensions !== undefined && { output_dimension: dimensions }),
    ...(truncation !== undefined && { truncate: truncation.toUpperCase() }),
  }
}

/** The lists as they came, with texts that were edited. */
function ownInputs({ inputs }: EmbeddingsCall, wire: JsonObject): JsonObject {
  const written = inputs.map((input) =>
    rewrite(input, dialect, (one) => {
      if (one.kind !== 'text') return null
      return isJsonObject(originOf(one)?.wire) ? { content: [{ type: 'text', text: one.text }] } : one.text
    }),
  )
  let from = 0
  const lists = ['texts', 'images', 'inputs'].flatMap((key) => {
    const { length } = listIn(wire, key)
    from += length
    return isJsonArray(wire[key]) ? [[key, written.slice(from - length, from)] as const] : []
  })
  return Object.fromEntries(lists)
}

function textOf(input: EmbeddingsInput, losses: Losses): string {
  if (input.kind !== 'text') throw unsayable(input)
  losses.account<{ text?: string }>(input, ['text'])
  return input.text
}

const purposeWords: ReadonlyMap<string, string> = new Map([
  ['query', 'search_query'],
  ['document', 'search_document'],
  ['classification', 'classification'],
  ['clustering', 'clustering'],
])
