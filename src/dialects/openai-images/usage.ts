import { isJsonObject, type Json, type JsonObject } from '../../canonical/json.ts'
import { noUsage, type Usage } from '../../canonical/usage.ts'
import { isJsonArray } from '../shared/call-fields.ts'
import { CountReader, Whole } from '../shared/counts.ts'

/**
 * Pictures by their number, and tokens where they are told. Models that draw tell what they read in texts and pictures apart; what
 * they write is pictures, but for what they say to be text. Source: OpenAI API description 2.3.0, 2026-08.
 */
export function readImageUsage({ data, usage: said }: JsonObject): Usage | undefined {
  return isJsonArray(data) ? usageOf(data.length, said) : undefined
}

/** Of a stream, in which each picture is completed by an event of its own. */
export function openImageCount(): (completed: JsonObject) => Usage | undefined {
  let images = 0
  return ({ usage: said }) => usageOf((images += 1), said)
}

function usageOf(images: number, said: Json | undefined): Usage | undefined {
  const tokens = isJsonObject(said) ? readTokens(said) : noUsage
  return tokens && { ...tokens, images }
}

function readTokens(said: JsonObject): Usage | undefined {
  const counts = new CountReader()
  const input = new Whole(counts.count(said, 'input_tokens') ?? 0)
  const output = new Whole(counts.count(said, 'output_tokens') ?? 0)
  const inputImage = input.take(counts.count(counts.part(said, 'input_tokens_details'), 'image_tokens'))
  const outputText = output.take(counts.count(counts.part(said, 'output_tokens_details'), 'text_tokens'))
  if (!counts.isBelievable) return undefined
  return { ...noUsage, inputImage, inputUncached: input.rest, outputText, outputImage: output.rest }
}
