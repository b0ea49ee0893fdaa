import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import { joinedService, serviceOf, type Service } from '../../canonical/service.ts'
import { isJsonArray } from '../shared/call-fields.ts'
import type { ReplyFacts } from '../dialect.ts'
import { invalidReply } from '../shared/problems/provider-problem.ts'
import { generatedBytes } from './generated-bytes.ts'
import { amazonProblemIn } from '../vendors/amazon/problem.ts'
import { readUsage } from './read-usage.ts'

export function readReply(body: Json): ReplyFacts {
  const reply = isJsonObject(body) ? body : {}
  const content = contentOf(reply)
  return {
    usage: usageIn(reply),
    service: serviceIn(reply),
    responseModel: modelNameIn(reply),
    // Bedrock does not say what it charges.
    providerCostNanos: undefined,
    problem: content === undefined ? (amazonProblemIn(reply) ?? invalidReply('it has no output')) : undefined,
    textBytes: generatedBytes(content),
  }
}

export function contentOf(reply: JsonObject): readonly Json[] | undefined {
  const { output } = reply
  const message = isJsonObject(output) ? output['message'] : undefined
  const content = isJsonObject(message) ? message['content'] : undefined
  return isJsonArray(content) ? content : undefined
}

/** Of an answer, or of the event of a stream that tells it. */
export function usageIn(holder: JsonObject): ReplyFacts['usage'] {
  const { usage } = holder
  return isJsonObject(usage) ? readUsage(usage) : undefined
}

/** Of an answer, or of the event of a stream that tells its usage. */
export function serviceIn({ serviceTier, performanceConfig }: JsonObject): Service | undefined {
  const tier = isJsonObject(serviceTier) ? serviceOf(serviceTier['type']) : undefined
  const latency = isJsonObject(performanceConfig) ? serviceOf(performanceConfig['latency']) : undefined
  return joinedService([tier, latency])
}

/** Only who asked a router is told which model answered. */
export function modelNameIn(holder: JsonObject): string | undefined {
  const { trace } = holder
  const router = isJsonObject(trace) ? trace['promptRouter'] : undefined
  const name = isJsonObject(router) ? router['invokedModelId'] : undefined
  return typeof name === 'string' && name !== '' ? name : undefined
}
