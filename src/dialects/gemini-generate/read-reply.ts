import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import { isJsonArray } from '../shared/call-fields.ts'
import type { ReplyFacts } from '../dialect.ts'
import { invalidReply, readProviderProblem } from '../shared/problems/provider-problem.ts'
import { generatedBytes } from './generated-bytes.ts'
import { readUsage } from './read-usage.ts'
import { queriesIn, withSearches } from './searches.ts'

export function readReply(body: Json): ReplyFacts {
  const reply = isJsonObject(body) ? body : {}
  const candidates = candidatesOf(reply)
  const responseModel = modelNameIn(reply)
  const queries = candidates.reduce<number>((total, candidate) => total + queriesIn(candidate), 0)
  return {
    usage: withSearches(usageIn(reply), queries, responseModel),
    responseModel,
    // Google does not say what it charges.
    providerCostNanos: undefined,
    problem: problemOf(reply, candidates),
    textBytes: candidates.reduce<number>((total, candidate) => total + generatedBytes(candidate), 0),
  }
}

/** A prompt that is blocked has an answer without candidates: a refusal, not a failure. */
function problemOf(reply: JsonObject, candidates: readonly Json[]): ReplyFacts['problem'] {
  if (isJsonObject(reply['error'])) return readProviderProblem(undefined, reply)
  if (candidates.length > 0 || blockReasonOf(reply) !== undefined) return undefined
  return invalidReply('it has no candidates')
}

export function candidatesOf(reply: JsonObject): readonly Json[] {
  const { candidates } = reply
  return isJsonArray(candidates) ? candidates : []
}

/** Why the prompt was blocked. */
export function blockReasonOf(reply: JsonObject): string | undefined {
  const { promptFeedback } = reply
  const reason = isJsonObject(promptFeedback) ? promptFeedback['blockReason'] : undefined
  return typeof reason === 'string' && reason !== '' ? reason : undefined
}

export function usageIn(reply: JsonObject): ReplyFacts['usage'] {
  const { usageMetadata } = reply
  return isJsonObject(usageMetadata) ? readUsage(usageMetadata) : undefined
}

export function modelNameIn(reply: JsonObject): string | undefined {
  const { modelVersion } = reply
  return typeof modelVersion === 'string' && modelVersion !== '' ? modelVersion : undefined
}
