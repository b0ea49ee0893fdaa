import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import type { ReplyFacts } from '../dialect.ts'
import { invalidReply, readProviderProblem } from '../shared/problems/provider-problem.ts'
import { generatedBytes } from './generated-bytes.ts'
import { readUsage } from './read-usage.ts'

export function readReply(body: Json): ReplyFacts {
  const reply = isJsonObject(body) ? body : {}
  const { message } = reply
  return {
    usage: readUsage(reply),
    responseModel: modelNameIn(reply),
    providerCostNanos: undefined,
    problem: holdsError(reply)
      ? readProviderProblem(undefined, reply)
      : isJsonObject(message)
        ? undefined
        : invalidReply('it has no message'),
    textBytes: generatedBytes(message),
  }
}

export function modelNameIn({ model: modelName }: JsonObject): string | undefined {
  return typeof modelName === 'string' && modelName !== '' ? modelName : undefined
}

export function holdsError({ error }: JsonObject): boolean {
  return isJsonObject(error) || (typeof error === 'string' && error !== '')
}
