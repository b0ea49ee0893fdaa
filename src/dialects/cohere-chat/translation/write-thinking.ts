import type { ChatCall, Reasoning } from '../../../canonical/chat.ts'
import type { Json } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { rewrite } from '../../../canonical/origin.ts'
import { dialectName, isOwn } from './own.ts'

/** `thinking`: on, off, and for how many tokens (cohere-ai 8.1.0). Models that can think do so unasked. */
export function writeThinking(call: ChatCall, losses: Losses): Json | undefined {
  const { reasoning, modelName } = call
  if (reasoning === undefined) return undefined
  if (isOwn(reasoning)) return rewrite(reasoning, dialectName, ownWords)
  losses.account(reasoning, ['mode', 'effort', 'budgetTokens'])
  const isOff = reasoning.mode === 'off' || reasoning.effort === 'none' || reasoning.budgetTokens === 0
  if (isOff) loseAmount(reasoning, losses)
  if (thoughtless.test(modelName)) {
    if (!isOff) for (const field of saidIn(reasoning)) losses.lost(reasoning, field, 'the model does not think')
    return undefined
  }
  if (isOff) return { type: 'disabled' }
  if (reasoning.mode === 'adaptive') losses.approximated(reasoning, 'mode', 'the model decides by itself how much')
  const budget = reasoning.budgetTokens ?? budgetFor(reasoning, losses)
  if (reasoning.budgetTokens !== undefined && reasoning.effort !== undefined)
    losses.lost(reasoning, 'effort', 'the budget of thinking says how much')
  if (reasoning.mode === undefined && reasoning.effort === undefined && budget === undefined) return undefined
  return { type: 'enabled', ...(budget !== undefined && { token_budget: budget }) }
}

/** How much to think, where thinking is off. */
function loseAmount(reasoning: Reasoning, losses: Losses): void {
  const { mode, effort, budgetTokens } = reasoning
  const isSaidOtherwise = mode === 'off' || budgetTokens === 0
  if (effort !== undefined && isSaidOtherwise) losses.lost(reasoning, 'effort', 'thinking is off')
  if (budgetTokens !== undefined && budgetTokens > 0) losses.lost(reasoning, 'budgetTokens', 'thinking is off')
}

/** Models that were made before thinking, or for pictures and translations only (Cohere's page on models, read 2026-11). */
const thoughtless = /^(?:c4ai-)?command(?:-light|-nightly|-r|-a-(?:03|vision|translate)|$)/

function ownWords({ mode, budgetTokens }: Reasoning): Json {
  return {
    ...(mode !== undefined && { type: mode === 'off' ? 'disabled' : 'enabled' }),
    ...(budgetTokens !== undefined && { token_budget: budgetTokens }),
  }
}

function budgetFor(reasoning: Reasoning, losses: Losses): number | undefined {
  const { effort } = reasoning
  if (effort === undefined) return undefined
  const budget = budgets.get(effort)
  losses.approximated(
    reasoning,
    'effort',
    budget === undefined
      ? 'Cohere knows no effort: told as thinking without a bound'
      : `Cohere knows no effort: told as a budget of ${budget} tokens`,
  )
  return budget
}

/** A judgement of ours, the one by which other dialects tell a budget as an effort. */
const budgets: ReadonlyMap<string, number> = new Map([
  ['minimal', 1_024],
  ['low', 2_048],
  ['medium', 8_192],
])

function saidIn(reasoning: Reasoning): readonly ('mode' | 'effort' | 'budgetTokens')[] {
  return (['mode', 'effort', 'budgetTokens'] as const).filter((field) => reasoning[field] !== undefined)
}
