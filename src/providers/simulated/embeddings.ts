import { z } from 'zod'
import type { Json, JsonObject } from '../../canonical/json.ts'
import type { Behaviour } from './behaviour.ts'
import { readBody, readModel } from './read-body.ts'
import { toldUsage } from './script.ts'
import { randomFrom, seedOf } from './seeded.ts'
import { countTokens } from './tokens.ts'

const defaultDimensions = 256

const tokenIds = z.array(z.int().min(0)).min(1).max(8_192)

const embeddingsBody = z.looseObject({
  model: z.string(),
  input: z.union([
    z.string().min(1),
    z.array(z.string().min(1)).min(1).max(2_048),
    tokenIds,
    z.array(tokenIds).min(1).max(2_048),
  ]),
  dimensions: z.int().min(1).max(4_096).nullish(),
  encoding_format: z.enum(['float', 'base64']).nullish(),
})

export interface EmbeddingsQuestion {
  readonly baseName: string
  readonly behaviour: Behaviour
  readonly inputTokens: number
  readonly body: JsonObject
}

/**
 * Reads and answers a body of OpenAI's embeddings.
 * @throws Refusal 400.
 */
export function answerEmbeddings(body: Json): EmbeddingsQuestion {
  const asked = readBody(body, embeddingsBody)
  const { baseName, behaviour } = readModel(asked.model)
  const inputs = inputsOf(asked.input)
  const inputTokens = inputs.reduce((sum, { tokens }) => sum + tokens, 0)
  return {
    baseName,
    behaviour,
    inputTokens,
    body: {
      object: 'list',
      data: inputs.map(({ text }, index) => {
        const vector = vectorOf(text, asked.dimensions ?? defaultDimensions)
        const isBase64 = asked.encoding_format === 'base64'
        return { object: 'embedding', index, embedding: isBase64 ? base64Of(vector) : vector }
      }),
      model: baseName,
      ...toldUsage({ prompt_tokens: inputTokens, total_tokens: inputTokens }, behaviour.usage),
    },
  }
}

type Input = z.infer<typeof embeddingsBody>['input']

function inputsOf(input: Input): readonly { text: string; tokens: number }[] {
  if (typeof input === 'string') return [{ text: input, tokens: countTokens(input) }]
  if (input.every((one) => typeof one === 'number')) return [{ text: input.join(' '), tokens: input.length }]
  return input.flatMap((one) => {
    if (typeof one === 'string') return [{ text: one, tokens: countTokens(one) }]
    return typeof one === 'number' ? [] : [{ text: one.join(' '), tokens: one.length }]
  })
}

/** A vector of length one, the same for the same text. */
function vectorOf(text: string, dimensions: number): readonly number[] {
  const random = randomFrom(seedOf(text))
  const raw = Array.from({ length: dimensions }, () => random() * 2 - 1)
  const norm = Math.hypot(...raw)
  // Rounded to what a 32-bit float holds, so that both encodings tell the same numbers.
  return raw.map((value) => Math.fround(value / norm))
}

function base64Of(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4)
  for (const [place, value] of vector.entries()) bytes.writeFloatLE(value, place * 4)
  return bytes.toString('base64')
}
