import type { Call, Need } from '../../canonical/call.ts'
import type { JsonObject } from '../../canonical/json.ts'
import {
  isGiven,
  largestOutputCap,
  readFlag,
  readLabel,
  readModelName,
  readPart,
  readPositive,
  readWhole,
} from '../shared/call-fields.ts'
import { refuseOtherModels } from '../shared/refuse-other-models.ts'
import { isTokenNumbers, unreadableIn } from '../shared/one-answer/token-numbers.ts'
import { promptCountOf, promptsIn } from './prompts.ts'

/** Reads the fields that limits, routing and records act on. Source: OpenAI API description 2.3.0, 2026-08. */
export function readCall(body: JsonObject): Call {
  const modelName = readModelName(body)
  refuseOtherModels(body)
  const streamOptions = readPart(body, 'stream_options') ?? {}
  const inputCount = promptCountOf(body)
  const choiceCount = inputCount * triesIn(body)
  // vLLM takes a prompt as vectors.
  const unreadable = isGiven(body['prompt_embeds']) ? 'a prompt as vectors' : unreadableIn(body['prompt'])
  const untranslatable = whatOnlyCompletionsHave(body)
  return {
    operation: 'chat',
    modelName,
    isStream: readFlag(body, 'stream'),
    outputCapTokens: readOutputCap(body, choiceCount),
    choiceCount,
    ...(inputCount > 1 && { inputCount }),
    wantsStreamUsage: readFlag(streamOptions, 'include_usage', 'stream_options.include_usage'),
    needs: readWhole(body, 'logprobs', 0, mostLogprobs) === undefined ? noNeeds : oddsNeeded,
    endUser: readLabel(body, 'user'),
    ...(untranslatable !== undefined && { untranslatable }),
    ...(unreadable !== undefined && { unreadable }),
  }
}

/** Numbers of tokens with their weights are the client's own. */
export function isFreeForm(path: readonly (string | number)[]): boolean {
  return path[0] === 'logit_bias'
}

/**
 * How many answers are written for each prompt. With `best_of` more are written, and billed, than are told.
 * @throws GatewayError `invalid_request` for a number that is none.
 */
export function triesIn(body: JsonObject): number {
  return Math.max(readPositive(body, 'n', mostChoices) ?? 1, readWhole(body, 'best_of', 0, mostChoices) ?? 1)
}

/** API description 2.3.0: a call that says nothing else gets no more. */
export const defaultOutputCapTokens = 16

const mostChoices = 128
/** Of all answers together: what a chat may ask for at most. With thousands of prompts, each with its own, it would be more. */
const largestOutputInAll = largestOutputCap * mostChoices
/** Of OpenAI at most 5; others allow more. */
const mostLogprobs = 128
const noNeeds: ReadonlySet<Need> = new Set()
const oddsNeeded: ReadonlySet<Need> = new Set<Need>(['logprobs'])

/** A cap of 0 asks for no text: for the odds of an echoed prompt. */
function readOutputCap(body: JsonObject, choiceCount: number): number {
  const largest = Math.min(largestOutputCap, Math.floor(largestOutputInAll / choiceCount))
  return readWhole(body, 'max_tokens', 0, largest) ?? defaultOutputCapTokens
}

/** What asks for another thing than an answer to one text: a conversation has no word for it, and leaving it out would lie. */
function whatOnlyCompletionsHave(body: JsonObject): string | undefined {
  const prompts = promptsIn(body)
  const [prompt] = prompts
  if (prompts.length > 1) return 'several prompts'
  if (prompt === undefined) return 'no prompt'
  if (typeof prompt !== 'string')
    return isTokenNumbers(prompt) ? 'a prompt of token numbers' : 'a prompt that is no text'
  const { suffix, max_tokens: cap } = body
  if (typeof suffix === 'string' && suffix !== '') return 'a text to be filled in before `suffix`'
  return cap === 0 ? 'a wish for no answer (`max_tokens: 0`)' : undefined
}
