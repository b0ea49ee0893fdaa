import type { Json } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import type { ReplyFacts } from '../dialect.ts'
import { invalidReply, readProviderProblem } from '../shared/problems/provider-problem.ts'
import { generatedBytes } from './generated-bytes.ts'
import { failureIn } from './read-ending.ts'
import { readUsage } from './read-usage.ts'

export function readReply(body: Json): ReplyFacts {
  const reply = isJsonObject(body) ? body : {}
  const { message } = reply
  return {
    usage: readUsage(reply['usage']),
    // Cohere does not name the model that answers, nor say what it charges.
    responseModel: undefined,
    providerCostNanos: undefined,
    problem: isJsonObject(message)
      ? failureIn(reply)
      : typeof message === 'string' || isJsonObject(reply['error'])
        ? readProviderProblem(undefined, reply)
        : invalidReply('it has no message'),
    textBytes: generatedBytes(message),
  }
}
