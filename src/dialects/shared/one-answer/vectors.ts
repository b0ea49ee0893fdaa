import type { EmbeddingsAnswer, EmbeddingsCall, Vector } from '../../../canonical/embeddings.ts'
import { GatewayError } from '../../../canonical/error.ts'
import type { Json } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { isJsonArray } from '../call-fields.ts'

/** A vector as it stands on a wire; @throws GatewayError `upstream_invalid` where it is none. */
export function readVector(wire: Json | undefined): Vector {
  if (typeof wire === 'string') return { kind: 'base64', text: wire }
  if (isJsonArray(wire) && wire.every((one) => typeof one === 'number')) return { kind: 'numbers', numbers: wire }
  throw new GatewayError('upstream_invalid', 'the answer holds an embedding that is neither numbers nor base64')
}

/** The same vector in the other writing, or as it is. Floats of 64 bits lose what 32 bits cannot hold, as everywhere. */
export function writeVector(vector: Vector, encoding: 'float' | 'base64' | undefined): Json {
  switch (vector.kind) {
    case 'numbers':
      return encoding === 'base64' ? base64Of(vector.numbers) : vector.numbers
    case 'base64':
      return encoding === 'base64' ? vector.text : numbersOf(vector.text)
    default:
      return vector satisfies never
  }
}

function numbersOf(base64: string): readonly number[] {
  const bytes = Buffer.from(base64, 'base64')
  return Array.from({ length: Math.floor(bytes.length / bytesPerFloat) }, (_, place) =>
    bytes.readFloatLE(place * bytesPerFloat),
  )
}

function base64Of(numbers: readonly number[]): string {
  const bytes = Buffer.alloc(numbers.length * bytesPerFloat)
  for (const [place, value] of numbers.entries()) bytes.writeFloatLE(value, place * bytesPerFloat)
  return bytes.toString('base64')
}

const bytesPerFloat = 4

/** What is wrong with an answer of so many vectors to so many inputs. */
export function miscountOf(vectors: number, inputs: number): string | undefined {
  return vectors === inputs ? undefined : `the answer has ${vectors} embeddings for ${inputs} inputs`
}

/**
 * Accounts for an answer that is told in another dialect. Every input has its vector, in order: an answer with more or fewer is to
 * another question.
 * @throws GatewayError `upstream_invalid`.
 */
export function accountForAnswer(answer: EmbeddingsAnswer, question: EmbeddingsCall, losses: Losses): void {
  const fault = miscountOf(answer.vectors.length, question.inputs.length)
  if (fault !== undefined) throw new GatewayError('upstream_invalid', fault)
  for (const path of answer.unheard) losses.note(path, 'lost', 'it is not known to Weir')
}
