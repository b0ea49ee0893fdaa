import type { Json } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import { noUsage, type Usage } from '../../canonical/usage.ts'
import { CountReader, Whole } from '../shared/counts.ts'

/**
 * Reads a `usage` into components that do not overlap. `undefined`: it says nothing that can be believed.
 *
 * Cohere counts twice: `tokens` is what the model read and wrote, with the prompt that Cohere puts around each call (some 500 to
 * 1,500 tokens, recorded 2026) and the marks between the parts of an answer; `billed_units` is what is charged. What is charged is
 * counted here, and `tokens` only where nothing else is told. Pictures stand beside the other tokens of `tokens`, thoughts within.
 */
export function readUsage(said: Json | undefined): Usage | undefined {
  if (!isJsonObject(said)) return undefined
  const counts = new CountReader()
  const billed = counts.part(said, 'billed_units')
  const read = counts.part(said, 'tokens')
  const [billedInput, billedOutput] = [counts.count(billed, 'input_tokens'), counts.count(billed, 'output_tokens')]
  const [readInput, readOutput] = [counts.count(read, 'input_tokens'), counts.count(read, 'output_tokens')]
  const [image, reasoning] = [counts.count(read, 'image_tokens'), counts.count(read, 'reasoning_tokens')]
  const cached = counts.count(said, 'cached_tokens')
  if (!counts.isBelievable) return undefined
  const allInput = readInput === undefined ? undefined : readInput + (image ?? 0)
  const input = billedInput ?? allInput
  const output = billedOutput ?? readOutput
  if (input === undefined && output === undefined) return undefined
  const rest = new Whole(input ?? 0)
  const told = new Whole(output ?? 0)
  return {
    ...noUsage,
    // Where a part of the prompt is not charged, nobody says how much of the cached tokens is.
    cacheRead: input === allInput ? rest.take(cached) : 0,
    inputImage: rest.take(image),
    inputUncached: rest.rest,
    outputReasoning: told.take(reasoning),
    outputText: told.rest,
  }
}

/** Whether the cached tokens are counted: all that the model read is charged, so they are part of it. */
export function isCacheTold(said: Json): boolean {
  const usage = readUsage(said)
  const cached = isJsonObject(said) ? said['cached_tokens'] : undefined
  return cached === undefined || usage?.cacheRead === cached
}
