import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject, wordOf } from '../../canonical/json.ts'
import { serviceOf } from '../../canonical/service.ts'
import { isJsonArray, listIn } from '../shared/call-fields.ts'
import type { ReplyFacts, UpstreamProblem } from '../dialect.ts'
import { readProviderCost } from '../shared/provider-cost.ts'
import { invalidReply, readProviderProblem } from '../shared/problems/provider-problem.ts'
import { generatedBytes } from './generated-bytes.ts'
import { storedIn } from './read-state.ts'
import { readUsage } from './read-usage.ts'

export function readReply(body: Json): ReplyFacts {
  const reply = isJsonObject(body) ? body : {}
  return {
    ...factsOf(reply),
    problem: problemOf(reply),
    textBytes: generatedBytes(reply['output']),
    ...storedIn(reply),
  }
}

/** What a response tells of its use and its model: a body, or the one in an event of a stream. */
export function factsOf(
  reply: JsonObject,
): Pick<ReplyFacts, 'usage' | 'service' | 'responseModel' | 'providerCostNanos'> {
  const { usage: said, model: modelName } = reply
  const usage = isJsonObject(said) ? readUsage(said, webSearchesIn(reply)) : undefined
  return {
    usage,
    service: serviceOf(reply['service_tier']),
    responseModel: typeof modelName === 'string' && modelName !== '' ? modelName : undefined,
    providerCostNanos: usage && isJsonObject(said) ? readProviderCost(said) : undefined,
  }
}

/** A failed response says why; of a cancelled one nobody knows. */
export function failureOf(reply: JsonObject): UpstreamProblem {
  return isJsonObject(reply['error'])
    ? readProviderProblem(undefined, { error: reply['error'] })
    : invalidReply(`its status is ${wordOf(reply['status'])}`)
}

function problemOf(reply: JsonObject): UpstreamProblem | undefined {
  const { error, status, output } = reply
  if (isJsonObject(error) || (typeof error === 'string' && error !== '')) return readProviderProblem(undefined, reply)
  if (status === 'failed' || status === 'cancelled') return failureOf(reply)
  return isJsonArray(output) ? undefined : invalidReply('it has no output')
}

/** OpenAI bills each search; opening a page that was found, and looking into it, is no search (its prices, read 2026-11). */
function webSearchesIn(reply: JsonObject): number {
  return listIn(reply, 'output').filter(isWebSearch).length
}

function isWebSearch(item: Json): boolean {
  if (!isJsonObject(item) || item['type'] !== 'web_search_call') return false
  const { action } = item
  return !isJsonObject(action) || action['type'] === undefined || action['type'] === 'search'
}
