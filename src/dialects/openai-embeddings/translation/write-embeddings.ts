import type { EmbeddingsCall, EmbeddingsInput } from '../../../canonical/embeddings.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { originOf, rewrite } from '../../../canonical/origin.ts'
import { embeddingsDialect, isSingleInput } from './read-embeddings.ts'

/** An own call goes back as it came, but for what was edited; a foreign one is worded in the published fields. */
export function writeEmbeddings(call: EmbeddingsCall, losses: Losses): JsonObject {
  const written = rewrite(call, embeddingsDialect, (one) => freshCall(one, losses))
  return isJsonObject(written) ? written : {}
}

function freshCall(call: EmbeddingsCall, losses: Losses): JsonObject {
  const { modelName, inputs, dimensions, encoding, purpose, endUser } = call
  const isOwn = originOf(call)?.dialect === embeddingsDialect
  if (!isOwn) losses.account(call, ['modelName', 'inputs', 'dimensions', 'encoding', 'endUser'])
  const written = inputs.flatMap((input) => writeInput(input, losses))
  const [only] = written
  return {
    model: modelName,
    input: isSingle(call) && written.length === 1 && only !== undefined ? only : written,
    ...(dimensions !== undefined && { dimensions }),
    ...(encoding !== undefined && { encoding_format: encoding }),
    // Not a published word: only the providers that have it take it.
    ...(isOwn && purpose !== undefined && { input_type: purpose }),
    ...(endUser !== undefined && { user: endUser }),
  }
}

/** As it came; a foreign single input does without a list. */
function isSingle(call: EmbeddingsCall): boolean {
  const origin = originOf(call)
  const said = isJsonObject(origin?.wire) && origin.dialect === embeddingsDialect ? origin.wire['input'] : undefined
  return said === undefined ? call.inputs.length === 1 : isSingleInput(said)
}

function writeInput(input: EmbeddingsInput, losses: Losses): readonly Json[] {
  const origin = originOf(input)
  const isOwn = origin?.dialect === embeddingsDialect
  if (input.kind === 'opaque') {
    if (isOwn) return [origin.wire]
    losses.whole(input, `only its own dialect has a word for ${input.type}`)
    return []
  }
  if (!isOwn) losses.account<{ text?: string; numbers?: readonly number[] }>(input, ['text', 'numbers'])
  return [rewrite<EmbeddingsInput>(input, embeddingsDialect, (one) => wordsOf(one))]
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
