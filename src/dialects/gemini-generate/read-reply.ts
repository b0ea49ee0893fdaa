import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import { serviceOf, type Service } from '../../canonical/service.ts'
import { isJsonArray } from '../shared/call-fields.ts'
import type { ReplyFacts, UpstreamProblem } from '../dialect.ts'
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
    service: serviceIn(reply),
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
  const failure = candidates.map(failureIn).find((one) => one !== undefined)
  if (failure) return failure
  if (candidates.length > 0 || blockReasonOf(reply) !== undefined) return undefined
  return invalidReply('it has no candidates')
}

/**
 * A model that tried to call a tool and could not says so where others tell why they ended. Without a word beside it there is no answer.
 * @returns `undefined` where the candidate is one.
 */
export function failureIn(candidate: Json): UpstreamProblem | undefined {
  if (!isJsonObject(candidate)) return undefined
  const { finishReason } = candidate
  if (typeof finishReason !== 'string' || !failures.has(finishReason) || generatedBytes(candidate) > 0) return undefined
  return { ...invalidReply(`the model failed to call a tool (${finishReason})`), providerCode: finishReason }
}

/** Gemini API discovery document, revision 20260717, `Candidate.finishReason`. */
const failures: ReadonlySet<string> = new Set([
  'MALFORMED_FUNCTION_CALL',
  'UNEXPECTED_TOOL_CALL',
  'TOO_MANY_TOOL_CALLS',
])

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

/** Gemini's own API tells a tier, Vertex AI a kind of traffic (recorded 2026). */
export function serviceIn({ usageMetadata }: JsonObject): Service | undefined {
  if (!isJsonObject(usageMetadata)) return undefined
  const { serviceTier, trafficType } = usageMetadata
  return serviceOf(serviceTier) ?? (typeof trafficType === 'string' ? serviceOfTraffic(trafficType) : undefined)
}

/** What was bought beforehand is paid by the hour, and its tokens count at list prices. */
function serviceOfTraffic(trafficType: string): Service | undefined {
  const { tier } = /^ON_DEMAND_(?<tier>.+)$/.exec(trafficType)?.groups ?? {}
  return serviceOf(tier)
}

export function modelNameIn(reply: JsonObject): string | undefined {
  const { modelVersion } = reply
  return typeof modelVersion === 'string' && modelVersion !== '' ? modelVersion : undefined
}
