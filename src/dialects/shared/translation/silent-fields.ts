import type { ChatCall } from '../../../canonical/chat.ts'

/** Fields of a call whose values ask for what happens anyway, in every dialect: there is nothing to carry. */
export function silentFields(call: ChatCall): readonly (keyof ChatCall)[] {
  const { presencePenalty, frequencyPenalty, minP, choiceCount, logitBias, metadata, logprobs } = call
  const silent: readonly (false | keyof ChatCall)[] = [
    presencePenalty === 0 && 'presencePenalty',
    frequencyPenalty === 0 && 'frequencyPenalty',
    minP === 0 && 'minP',
    choiceCount === 1 && 'choiceCount',
    logitBias !== undefined && Object.keys(logitBias).length === 0 && 'logitBias',
    metadata !== undefined && Object.keys(metadata).length === 0 && 'metadata',
    logprobs?.isWanted === false && 'logprobs',
  ]
  return silent.filter((field) => field !== false)
}
