import type { Reasoning } from '../../../canonical/chat.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { shareOfEffort } from './claude-effort.ts'
import type { Generation } from './claude-generations.ts'

/** The `thinking` field as the caller wishes it, in the words that the model takes. */
export function wishedThinking(
  reasoning: Reasoning,
  generation: Generation,
  capTokens: number,
  losses: Losses,
): JsonObject | undefined {
  const { budgetTokens, display } = reasoning
  const mode = modeOf(reasoning)
  const share = shareFor(reasoning, generation, losses)
  const shown = display === undefined ? {} : { display }
  switch (mode) {
    case 'off':
      if (budgetTokens !== undefined && budgetTokens > 0) losses.lost(reasoning, 'budgetTokens', 'thinking is off')
      if (display !== undefined) losses.lost(reasoning, 'display', 'thinking is off')
      return switchedOff(reasoning, generation, losses)
    case 'adaptive':
    case 'on': {
      const isExact = mode === 'on' && budgetTokens !== undefined && generation.takesBudget
      if (isExact || !generation.takesAdaptive)
        return budgeted(reasoning, budgetTokens ?? capTokens * (share ?? halfOfIt), generation, capTokens, losses)
      if (budgetTokens !== undefined) losses.approximated(reasoning, 'budgetTokens', chosenByModel)
      else if (mode === 'on') losses.approximated(reasoning, 'mode', chosenByModel)
      return { type: 'adaptive', ...shown }
    }
    case undefined:
      if (share !== undefined) return budgeted(reasoning, capTokens * share, generation, capTokens, losses)
      if (display !== undefined) losses.lost(reasoning, 'display', 'it is not said whether to think')
      return undefined
  }
}

const halfOfIt = 0.5

/** The part of the output cap that the effort stands for, where a model knows no effort and nothing else says how much. */
function shareFor(reasoning: Reasoning, generation: Generation, losses: Losses): number | undefined {
  const { effort, budgetTokens } = reasoning
  if (effort === undefined || effort === 'none' || generation.efforts.length > 0) return undefined
  const share = budgetTokens === undefined && generation.takesBudget ? shareOfEffort(effort) : undefined
  if (share === undefined) losses.lost(reasoning, 'effort', 'the model knows no effort')
  else losses.approximated(reasoning, 'effort', 'the model knows no effort: told as a budget of tokens')
  return share
}

const chosenByModel = 'the model chooses how much to think'

function modeOf({ mode, effort, budgetTokens }: Reasoning): Reasoning['mode'] {
  if (mode !== undefined) return mode
  if (budgetTokens !== undefined) return budgetTokens > 0 ? 'on' : 'off'
  return effort === 'none' ? 'off' : undefined
}

/** The field that says what is lost or approximated. */
function saidBy({ mode, budgetTokens }: Reasoning): 'mode' | 'budgetTokens' | 'effort' {
  if (budgetTokens !== undefined) return 'budgetTokens'
  return mode === undefined ? 'effort' : 'mode'
}

function switchedOff(reasoning: Reasoning, generation: Generation, losses: Losses): JsonObject | undefined {
  if (generation.takesDisabled) return { type: 'disabled' }
  losses.lost(reasoning, saidBy(reasoning), 'the model always thinks')
  return undefined
}

/** A budget is at least 1,024 tokens and below the output cap. The cap is not raised for it: money was set aside by it. */
function budgeted(
  reasoning: Reasoning,
  wishedTokens: number,
  generation: Generation,
  capTokens: number,
  losses: Losses,
): JsonObject | undefined {
  const field = saidBy(reasoning)
  const budget = Math.max(leastBudget, Math.min(Math.floor(wishedTokens), capTokens - 1))
  if (!generation.takesBudget || budget >= capTokens) {
    const why = generation.takesBudget
      ? 'the output cap leaves no room for the least budget, 1024'
      : 'the model cannot think'
    losses.lost(reasoning, field, why)
    return undefined
  }
  if (budget !== reasoning.budgetTokens)
    losses.approximated(
      reasoning,
      field,
      `told as a budget of ${budget} tokens: at least 1024, and below the output cap`,
    )
  return {
    type: 'enabled',
    budget_tokens: budget,
    ...(reasoning.display !== undefined && { display: reasoning.display }),
  }
}

const leastBudget = 1024
