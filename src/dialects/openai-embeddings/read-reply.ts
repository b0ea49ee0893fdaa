import type { Call } from '../../canonical/call.ts'
import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import { noUsage, type Usage } from '../../canonical/usage.ts'
import { isJsonArray } from '../call-fields.ts'
import { CountReader } from '../counts.ts'
import type { ReplyFacts, StreamReader } from '../dialect.ts'
import { readProviderCost } from '../provider-cost.ts'
import { invalidReply, readProviderProblem } from '../provider-problem.ts'

export function readReply(body: Json): ReplyFacts {
  const reply = isJsonObject(body) ? body : {}
  const { usage: said, model: modelName, error } = reply
  const usage = isJsonObject(said) ? readUsage(said) : undefined
  return {
    usage,
    responseModel: typeof modelName === 'string' && modelName !== '' ? modelName : undefined,
    providerCostNanos: usage && isJsonObject(said) ? readProviderCost(said) : undefined,
    problem:
      isJsonObject(error) || typeof error === 'string' || reply['object'] === 'error'
        ? readProviderProblem(undefined, reply)
        : isJsonArray(reply['data'])
          ? undefined
          : invalidReply('it has no embeddings'),
    textBytes: 0,
  }
}

/** Nothing is ever streamed here: whatever a provider streams all the same is no answer. */
export function openStream(_call: Call): StreamReader {
  const problem = invalidReply('embeddings came as a stream')
  const facts = {
    usage: undefined,
    isUsageFinal: false,
    responseModel: undefined,
    providerCostNanos: undefined,
    problem,
    isComplete: false,
    textBytes: 0,
    contentFrames: 0,
  }
  return { read: (_event, data) => (data.length === 0 ? 'quiet' : 'error'), facts: () => facts }
}

/** Voyage tells `total_tokens` alone. */
function readUsage(said: JsonObject): Usage | undefined {
  const counts = new CountReader()
  const inputTokens = counts.count(said, 'prompt_tokens', 'total_tokens')
  if (!counts.isBelievable || inputTokens === undefined || inputTokens === 0) return undefined
  return { ...noUsage, inputUncached: inputTokens }
}
