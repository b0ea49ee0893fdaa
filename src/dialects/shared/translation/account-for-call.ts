import type { ChatCall } from '../../../canonical/chat.ts'
import type { Losses } from '../../../canonical/loss.ts'

/**
 * Accounts for a call in one of the dialects whose writers say by themselves what they could not tell of a field they carry. A value
 * that asks for what happens anyway has nothing to carry.
 * @param carried the fields that the dialect has words for, beside those that all have.
 */
export function accountForCall(call: ChatCall, losses: Losses, carried: readonly (keyof ChatCall | false)[]): void {
  losses.account(
    call,
    [...carriedByAll, ...carried, ...silentFields(call)].filter((field) => field !== false),
  )
}

const carriedByAll = [
  'modelName',
  'isStream',
  'messages',
  'tools',
  'outputCapTokens',
  'temperature',
  'topP',
  'topK',
  'stopSequences',
  'outputFormat',
  'reasoning',
  // Usage is always told in a stream.
  'wantsStreamUsage',
] as const satisfies readonly (keyof ChatCall)[]

function silentFields(call: ChatCall): readonly (keyof ChatCall | false)[] {
  const { presencePenalty, frequencyPenalty, minP, choiceCount, logitBias, metadata, logprobs } = call
  return [
    presencePenalty === 0 && 'presencePenalty',
    frequencyPenalty === 0 && 'frequencyPenalty',
    minP === 0 && 'minP',
    choiceCount === 1 && 'choiceCount',
    logitBias !== undefined && Object.keys(logitBias).length === 0 && 'logitBias',
    metadata !== undefined && Object.keys(metadata).length === 0 && 'metadata',
    logprobs?.isWanted === false && 'logprobs',
    // Models call in parallel unless they are told not to.
    call.mayCallToolsInParallel === true && 'mayCallToolsInParallel',
    call.serviceTier === 'auto' && 'serviceTier',
  ]
}
