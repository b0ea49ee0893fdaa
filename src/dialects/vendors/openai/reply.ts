import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { serviceOf } from '../../../canonical/service.ts'
import { isJsonArray } from '../../shared/call-fields.ts'
import type { ReplyFacts, UpstreamProblem } from '../../dialect.ts'
import { readUsage } from './usage.ts'
import { readProviderCost } from '../../shared/provider-cost.ts'
import { invalidReply, readProviderProblem } from '../../shared/problems/provider-problem.ts'

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
    service: serviceOf(reply['service_tier']),
    responseModel: modelNameIn(reply),
    providerCostNanos: usage && readProviderCost(said),
    problem: holdsError(reply)
      ? readProviderProblem(undefined, reply)
      : isJsonArray(choices)
        ? failureIn(choices)
        : invalidReply('it has no choices'),
    textBytes: bytesOf(choices),
  }
}

/**
 * A generation that failed tells so where others tell why they ended; OpenRouter has the error beside it.
 * @returns `undefined` where no choice failed.
 */
export function failureIn(choices: Json | undefined): UpstreamProblem | undefined {
  for (const choice of isJsonArray(choices) ? choices : []) {
    if (!isJsonObject(choice)) continue
    const { finish_reason: code = null, error } = choice
    const message = typeof code === 'string' ? failures.get(code) : undefined
    if (message !== undefined)
      return readProviderProblem(undefined, isJsonObject(error) ? { error } : { message, code })
  }
  return undefined
}

/** Published reasons: of Mistral (API description, 2026) and OpenRouter, and of DeepSeek (API reference, read 2026-11). */
const failures: ReadonlyMap<string, string> = new Map([
  ['error', 'the provider failed while it wrote the answer'],
  ['insufficient_system_resource', 'the provider broke off the answer because it has too few resources now'],
])

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
