import type { ChatCall, Reasoning } from '../../../canonical/chat.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { generationOf, type Generation } from './generations.ts'
import { isOwn } from './own.ts'

/** `thinkingConfig`, in the words that the model takes. */
export function writeThinking(call: ChatCall, losses: Losses): JsonObject | undefined {
  const { reasoning } = call
  if (reasoning === undefined) return undefined
  losses.account(reasoning, ['mode', 'effort', 'budgetTokens', 'display'])
  if (isOwn(reasoning)) return ownWords(reasoning)
  const generation = generationOf(call.modelName)
  if (generation.thinking === 'none') {
    if (modeOf(reasoning) !== 'off') losses.lost(reasoning, saidBy(reasoning), 'the model does not think')
    return undefined
  }
  const amount =
    generation.thinking === 'level'
      ? levelWords(reasoning, generation, losses)
      : budgetWords(reasoning, generation, losses)
  const shown = shownWords(reasoning, losses)
  const words = { ...amount, ...shown }
  return Object.keys(words).length === 0 ? undefined : words
}

function ownWords({ mode, effort, budgetTokens, display }: Reasoning): JsonObject {
  const budget = budgetTokens ?? (mode === 'off' ? 0 : mode === 'adaptive' ? dynamic : undefined)
  return {
    ...(display !== undefined && { includeThoughts: display !== 'omitted' }),
    ...(budget !== undefined && { thinkingBudget: budget }),
    ...(effort !== undefined && { thinkingLevel: effort.toUpperCase() }),
  }
}

/** "-1: dynamic thinking", as much as the model likes. */
const dynamic = -1

/** A budget is taken too, as it always was; a wish in words is told by the nearest level. */
function levelWords(reasoning: Reasoning, generation: Generation, losses: Losses): JsonObject {
  const { effort, budgetTokens } = reasoning
  const mode = modeOf(reasoning)
  if (mode === 'off') return levelOf(reasoning, 'minimal', generation, losses)
  if (effort !== undefined && effort !== 'none') {
    if (budgetTokens !== undefined) losses.lost(reasoning, 'budgetTokens', 'the level of thinking says how much')
    return levelOf(reasoning, effort, generation, losses)
  }
  return budgetTokens === undefined ? {} : { thinkingBudget: budgetTokens }
}

function levelOf(reasoning: Reasoning, wished: string, { levels }: Generation, losses: Losses): JsonObject {
  const strength = strengths.indexOf(wished)
  if (strength === -1) {
    losses.lost(reasoning, saidBy(reasoning), 'Google knows minimal, low, medium and high')
    return {}
  }
  const told = levels.findLast((level) => strengths.indexOf(level) <= strength) ?? levels[0] ?? wished
  if (told !== reasoning.effort)
    losses.approximated(reasoning, saidBy(reasoning), `the nearest level that the model takes is ${told}`)
  return { thinkingLevel: told.toUpperCase() }
}

const strengths: readonly string[] = ['minimal', 'low', 'medium', 'high', 'xhigh', 'max']

function budgetWords(reasoning: Reasoning, generation: Generation, losses: Losses): JsonObject {
  const { leastBudget, mostBudget, takesNoBudget } = generation
  const { effort, budgetTokens } = reasoning
  const mode = modeOf(reasoning)
  if (mode === 'off') {
    if (takesNoBudget) return { thinkingBudget: 0 }
    losses.approximated(reasoning, saidBy(reasoning), 'the model always thinks: told as the least budget')
    return { thinkingBudget: leastBudget }
  }
  if (budgetTokens !== undefined) {
    if (effort !== undefined) losses.lost(reasoning, 'effort', 'the budget of thinking says how much')
    const budget = Math.min(mostBudget, Math.max(leastBudget, budgetTokens))
    if (budget !== budgetTokens)
      losses.approximated(reasoning, 'budgetTokens', `the model takes ${leastBudget} to ${mostBudget}`)
    return { thinkingBudget: budget }
  }
  if (effort === undefined) return mode === undefined ? {} : { thinkingBudget: dynamic }
  const budget = budgets.get(effort)
  if (budget === undefined) losses.lost(reasoning, 'effort', 'Google knows minimal, low, medium and high')
  else losses.approximated(reasoning, 'effort', `the model knows no effort: told as a budget of ${budget} tokens`)
  return budget === undefined ? {} : { thinkingBudget: budget }
}

/** As Google's own OpenAI endpoint tells efforts (its page on OpenAI compatibility, read 2026-11). */
const budgets: ReadonlyMap<string, number> = new Map([
  ['minimal', 1_024],
  ['low', 1_024],
  ['medium', 8_192],
  ['high', 24_576],
  ['xhigh', 24_576],
  ['max', 24_576],
])

/** Who switches thinking on by name sees thoughts; who only says how hard to think does not (behaviour of the callers' own APIs). */
function shownWords(reasoning: Reasoning, losses: Losses): JsonObject {
  const { mode, display } = reasoning
  if (display === 'omitted') return { includeThoughts: false }
  if (display !== undefined && display !== 'summarized')
    losses.approximated(reasoning, 'display', 'thoughts are shown as Google sums them up')
  return display !== undefined || mode === 'on' || mode === 'adaptive' ? { includeThoughts: true } : {}
}

function modeOf({ mode, effort, budgetTokens }: Reasoning): Reasoning['mode'] {
  if (mode !== undefined) return mode
  if (budgetTokens !== undefined) return budgetTokens > 0 ? 'on' : 'off'
  return effort === 'none' ? 'off' : undefined
}

/** The field that says what is lost or approximated. */
function saidBy({ mode, effort, budgetTokens }: Reasoning): 'mode' | 'budgetTokens' | 'effort' {
  if (effort !== undefined) return 'effort'
  if (budgetTokens !== undefined) return 'budgetTokens'
  return mode === undefined ? 'effort' : 'mode'
}
