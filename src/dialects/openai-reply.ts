import type { Json, JsonObject } from '../canonical/json.ts'
import { isJsonObject } from '../canonical/json.ts'
import { isJsonArray } from './call-fields.ts'
import type { ReplyFacts } from './dialect.ts'
import { readUsage } from './openai-usage.ts'
import { readProviderCost } from './provider-cost.ts'
import { invalidReply, readProviderProblem } from './provider-problem.ts'

/**
 * A body with choices: chat completions, and the completions before them.
 * @param bytesOf bytes of what was generated in all choices.
 */
export function readChoicesReply(body: Json, bytesOf: (choices: Json | undefined) => number): ReplyFacts {
  const reply = isJsonObject(body) ? body : {}
  const choices = reply['choices']
  const said = usageSaid(reply)
  const usage = said && readUsage(said)
  return {
    usage,
    responseModel: modelNameIn(reply),
    providerCostNanos: usage && readProviderCost(said),
    problem: holdsError(reply)
      ? readProviderProblem(undefined, reply)
      : isJsonArray(choices)
        ? undefined
        : invalidReply('it has no choices'),
    textBytes: bytesOf(choices),
  }
}

/** The usage of a reply or a chunk. Groq tells it in a member of its own when nobody asked for it in a stream. */
export function usageSaid(said: JsonObject): JsonObject | undefined {
  const { usage, x_groq: groq } = said
  if (isJsonObject(usage)) return usage
  return isJsonObject(groq) && isJsonObject(groq['usage']) ? groq['usage'] : undefined
}

export function modelNameIn(said: JsonObject): string | undefined {
  const modelName = said['model']
  return typeof modelName === 'string' && modelName !== '' ? modelName : undefined
}

/** OpenAI's envelope, its copies' bare text, and the shape of older vLLM and Mistral: `{object: "error", message}`. */
export function holdsError(said: JsonObject): boolean {
  const error = said['error']
  if (isJsonObject(error) || (typeof error === 'string' && error !== '')) return true
  return said['object'] === 'error' || said['type'] === 'error'
}
