import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import type { Usage } from '../../canonical/usage.ts'
import { isJsonArray } from '../shared/call-fields.ts'
import { generationOf } from './translation/generations.ts'

/**
 * How many queries Google Search was asked for a candidate. Gemini 3 also tells empty ones (recorded 2026), which Google does
 * not bill. Pages that a grounding tells without a query were not searched for: `urlContext` read them.
 */
export function queriesIn(candidate: Json): number {
  if (!isJsonObject(candidate)) return 0
  const { groundingMetadata: grounding } = candidate
  return isJsonObject(grounding) ? asked(grounding, 'webSearchQueries') + asked(grounding, 'imageSearchQueries') : 0
}

function asked(grounding: JsonObject, key: string): number {
  const queries = grounding[key]
  return isJsonArray(queries) ? queries.filter((query) => typeof query === 'string' && query !== '').length : 0
}

/**
 * Adds the searches that Google bills: each query from Gemini 3 on, an answer that has searched at all before. A model of an unknown
 * name is billed by the query, so that nothing is left out.
 */
export function withSearches(
  usage: Usage | undefined,
  queries: number,
  modelName: string | undefined,
): Usage | undefined {
  if (!usage || queries === 0) return usage
  return { ...usage, webSearches: generationOf(modelName ?? '').billsEachQuery ? queries : 1 }
}
