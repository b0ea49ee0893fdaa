import type { ChatCall, Reasoning } from '../../../canonical/chat.ts'
import { put, type Draft } from '../../shared/translation/put.ts'
import { effortWords } from '../../shared/translation/effort-words.ts'
import { isOwn, keyFor } from './own.ts'
import { accountFor, type Pen } from './write-parts.ts'

export function putLogprobs(draft: Draft, call: ChatCall, pen: Pen): void {
  const { logprobs } = call
  if (!logprobs) return
  if (pen.refuses.has('logprobs')) return pen.losses.whole(logprobs, 'the target refuses a call that says it')
  if (logprobs.isWanted || keyFor(logprobs, 'isWanted', '') !== '') draft['logprobs'] = logprobs.isWanted
  put(draft, 'top_logprobs', logprobs.topCount)
  accountFor(logprobs, ['isWanted', 'topCount'], pen)
}

/** Foreign wishes become `reasoning_effort`, which is the one published word. */
export function putReasoning(draft: Draft, call: ChatCall, pen: Pen): void {
  const { reasoning } = call
  if (!reasoning) return
  if (isOwn(reasoning)) putOwnReasoning(draft, reasoning)
  else putEffort(draft, reasoning, pen)
}

function putOwnReasoning(draft: Draft, reasoning: Reasoning): void {
  const { mode, effort, budgetTokens, display } = reasoning
  put(draft, keyFor(reasoning, 'effort', 'reasoning_effort'), effort)
  put(draft, keyFor(reasoning, 'budgetTokens', 'reasoning.max_tokens'), budgetTokens)
  const modeKey = keyFor(reasoning, 'mode', '')
  if (modeKey === 'thinking.type') put(draft, modeKey, mode === undefined ? undefined : typeOfMode[mode])
  else if (modeKey !== '') put(draft, modeKey, mode === undefined ? undefined : mode !== 'off')
  const displayKey = keyFor(reasoning, 'display', '')
  if (displayKey === 'reasoning.exclude') put(draft, displayKey, display === 'omitted')
  else if (displayKey !== '') put(draft, displayKey, display)
}

const typeOfMode = { on: 'enabled', off: 'disabled', adaptive: 'adaptive' } as const

function putEffort(draft: Draft, reasoning: Reasoning, pen: Pen): void {
  const { effort, carried } = effortWords(reasoning, pen.losses)
  const told = pen.words.has('effort_high_or_none') ? highOrNone(effort) : effort
  if (told !== effort)
    pen.losses.approximated(reasoning, carried.includes('effort') ? 'effort' : 'budgetTokens', `told as ${told}`)
  if (told !== undefined) draft['reasoning_effort'] = told
  accountFor(reasoning, carried, pen)
}

function highOrNone(effort: string | undefined): string | undefined {
  if (effort === undefined) return undefined
  return effort === 'none' || effort === 'minimal' ? 'none' : 'high'
}
