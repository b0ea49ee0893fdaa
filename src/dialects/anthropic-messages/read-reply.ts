import type { Json } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import { isJsonArray } from '../shared/call-fields.ts'
import type { ReplyFacts } from '../dialect.ts'
import { invalidReply, readProviderProblem } from '../shared/problems/provider-problem.ts'
import { generatedBytes } from './generated-bytes.ts'
import { storedIdsIn, writtenFilesIn } from './read-container.ts'
import { serviceIn, updateCounts, usageOf } from './read-usage.ts'

export function readReply(body: Json): ReplyFacts {
  const reply = isJsonObject(body) ? body : {}
  const { usage: said, content, model: modelName } = reply
  const counts = isJsonObject(said) ? updateCounts({}, said) : undefined
  return {
    usage: counts && usageOf(counts),
    mixesModels: counts?.mixesModels,
    service: counts && serviceIn(counts),
    responseModel: typeof modelName === 'string' && modelName !== '' ? modelName : undefined,
    // Anthropic does not say what it charges.
    providerCostNanos: undefined,
    problem:
      reply['type'] === 'error' || isJsonObject(reply['error'])
        ? readProviderProblem(undefined, reply)
        : isJsonArray(content)
          ? undefined
          : invalidReply('it has no content'),
    textBytes: generatedBytes(content),
    storedIds: storedIdsIn(reply),
    storedFileIds: isJsonArray(content) ? writtenFilesIn(content) : undefined,
  }
}
