import type { Reasoning } from '../../../canonical/chat.ts'
import type { Losses } from '../../../canonical/loss.ts'
import type { Generation } from './claude-generations.ts'

/**
 * The word for `output_config.effort`. OpenAI's words below `low` have no like here: `none` is thinking switched off, which
 * another field says, `minimal` the least there is.
 */
export function writeEffort(reasoning: Reasoning, generation: Generation, losses: Losses): string | undefined {
  const { effort } = reasoning
  if (effort === undefined || effort === 'none') return undefined
  const strength = strengths.indexOf(effort)
  if (strength === -1) {
    losses.lost(reasoning, 'effort', 'Anthropic knows low, medium, high, xhigh and max')
    return undefined
  }
  // A model that knows no effort may still think for a number of tokens.
  if (generation.efforts.length === 0) return undefined
  const told = generation.efforts.findLast((word) => strengths.indexOf(word) <= strength) ?? generation.efforts[0]
  if (told !== effort) losses.approximated(reasoning, 'effort', `the nearest effort that the model takes is ${told}`)
  return told
}

const strengths: readonly string[] = ['minimal', 'low', 'medium', 'high', 'xhigh', 'max']

/** The part of the output cap that an effort stands for, where a model takes tokens and no effort. */
export function shareOfEffort(effort: string): number | undefined {
  return shares.get(effort)
}

const shares: ReadonlyMap<string, number> = new Map([
  ['low', 0.2],
  ['medium', 0.5],
  ['high', 0.8],
  ['xhigh', 0.9],
  ['max', 0.95],
])
