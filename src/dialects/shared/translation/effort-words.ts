import type { Reasoning } from '../../../canonical/chat.ts'
import type { Losses } from '../../../canonical/loss.ts'

/**
 * How much to think, in the one word that OpenAI's dialects have for it.
 * @returns the word, if any can be said, and the fields of the wish that it carries.
 */
export function effortWords(
  reasoning: Reasoning,
  losses: Losses,
): { readonly effort: string | undefined; readonly carried: readonly (keyof Reasoning)[] } {
  const { mode, effort, budgetTokens } = reasoning
  const carried: (keyof Reasoning)[] = ['mode']
  let told: string | undefined
  if (effort !== undefined && efforts.has(effort)) {
    told = effort
    carried.push('effort')
  } else if (mode !== 'off' && budgetTokens !== undefined) {
    told = effortFor(budgetTokens)
    losses.approximated(reasoning, 'budgetTokens', `told as an effort, ${told}`)
    losses.approximated(reasoning, 'mode', 'told as an effort')
    carried.push('budgetTokens')
  }
  if (mode === 'adaptive') losses.approximated(reasoning, 'mode', 'the target decides by itself')
  // Only the newest models know the effort `none`, and others refuse it.
  if (mode === 'off' && told === undefined)
    losses.lost(reasoning, 'mode', 'the target thinks as much as it does by default')
  if (mode === 'on' && told === undefined)
    losses.lost(reasoning, 'mode', 'the target is told how much to think, or nothing')
  return { effort: told, carried }
}

/** API description 2.3.0. */
const efforts: ReadonlySet<string> = new Set(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'])

/** A judgement of ours: Anthropic's least budget is 1024 tokens; what is above 8192 is what its guides call complex work. */
function effortFor(budgetTokens: number): string {
  return budgetTokens <= 2048 ? 'low' : budgetTokens <= 8192 ? 'medium' : 'high'
}
