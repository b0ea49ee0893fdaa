import { noUsage, type Usage } from '../../canonical/usage.ts'
import { isJsonObject, type JsonObject } from '../../canonical/json.ts'
import { isGiven, isJsonArray, readModelName, refusal } from '../shared/call-fields.ts'
import { CountReader } from '../shared/counts.ts'
import type { Dialect } from '../dialect.ts'
import { oneAnswer, readOneAnswer } from '../shared/one-answer/one-answer.ts'
import { openAiEnvelope } from '../vendors/openai/envelope.ts'

/** OpenAI's API description 2.3.0, 2026-08: the model that is asked where none is named. */
const defaultModel = 'omni-moderation-latest'

/** OpenAI's moderations, and Mistral's in the same words. */
export const openAiModerations: Dialect = oneAnswer({
  name: 'openai-moderations',
  operation: 'moderations',
  read: (body) => {
    if (!isGiven(body['input'])) throw refusal('input', 'must be given')
    return { modelName: isGiven(body['model']) ? readModelName(body) : defaultModel }
  },
  // A model that nobody named is named, so that what was permitted is what is asked.
  upstreamEdits: (body, call, targetModelName) =>
    isGiven(body['model']) && targetModelName === call.modelName ? [] : [{ key: 'model', value: targetModelName }],
  readReply: (body) =>
    readOneAnswer(body, { what: 'results', isAnswer: ({ results }) => isJsonArray(results), usageOf: readUsage }),
  ...openAiEnvelope,
})

/** Mistral tells what it read; OpenAI does not, and asks nothing for it. */
function readUsage({ usage }: JsonObject): Usage | undefined {
  if (!isJsonObject(usage)) return undefined
  const counts = new CountReader()
  const inputUncached = counts.count(usage, 'prompt_tokens', 'total_tokens')
  return counts.isBelievable && inputUncached !== undefined && inputUncached > 0
    ? { ...noUsage, inputUncached }
    : undefined
}
