import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonArray, refusal } from '../shared/call-fields.ts'
import { isTokenNumbers } from '../shared/one-answer/token-numbers.ts'

/**
 * The prompts of a call as the wire has them, each a text or the numbers of its tokens. One may stand alone, and a list of
 * numbers is one prompt. None: the model begins a document of its own (OpenAI API description 2.3.0, 2026-08).
 * @throws GatewayError `invalid_request` for a prompt that is neither text nor a list.
 */
export function promptsIn(body: JsonObject): readonly Json[] {
  const prompt = body['prompt'] ?? null
  if (prompt === null) return []
  if (typeof prompt === 'string') return [prompt]
  if (!isJsonArray(prompt)) throw refusal('prompt', 'must be a text, or a list of texts or of token numbers')
  if (isTokenNumbers(prompt)) return [prompt]
  if (prompt.length > mostPrompts) throw refusal('prompt', `must have at most ${mostPrompts} prompts`)
  return prompt
}

/** How many texts are gone on with. A call without a prompt begins one. */
export function promptCountOf(body: JsonObject): number {
  return Math.max(1, promptsIn(body).length)
}

/** Whether the only prompt stands by itself, and not in a list of prompts. */
export function isAlone(prompt: Json | undefined): boolean {
  return typeof prompt === 'string' || isTokenNumbers(prompt)
}

/** OpenAI takes no more in one call. */
const mostPrompts = 2048
