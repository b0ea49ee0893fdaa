import type { ChatCall, Reasoning } from '../../../canonical/chat.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { writeEffort } from '../../vendors/anthropic/claude-effort.ts'
import { claudeGeneration } from '../../vendors/anthropic/claude-generations.ts'
import { wishedThinking } from '../../vendors/anthropic/claude-thinking.ts'
import type { Pen } from './pen.ts'

/** A wish to think, in the words of the model's maker. */
export interface Thinking {
  /** For `additionalModelRequestFields`. */
  readonly additional: JsonObject
  /** For `outputConfig.effort`. */
  readonly effort: string | undefined
  readonly isThinking: boolean
}

/** @param defaultCapTokens for a share of the output, where the caller set no cap. */
export function writeThinking(call: ChatCall, pen: Pen, defaultCapTokens: number): Thinking {
  const { reasoning } = call
  if (reasoning === undefined) return nothing
  pen.losses.account(reasoning, ['mode', 'effort', 'budgetTokens', 'display'])
  switch (pen.maker) {
    case 'anthropic':
      return claudeThinking(call, reasoning, pen, defaultCapTokens)
    case 'nova':
      return novaThinking(reasoning, pen)
    case 'openai':
      return openAiThinking(reasoning, pen)
    case 'other':
    case 'unknown':
      loseAll(reasoning, pen, 'nothing is known of how the model is told to think')
      return nothing
  }
}

const nothing: Thinking = { additional: {}, effort: undefined, isThinking: false }

function claudeThinking(call: ChatCall, reasoning: Reasoning, pen: Pen, defaultCapTokens: number): Thinking {
  const generation = claudeGeneration(call.modelName)
  const effort = writeEffort(reasoning, generation, pen.losses)
  // Without a cap the model writes as much as it can: a budget that was asked for fits in.
  const capTokens = call.outputCapTokens ?? Math.max(defaultCapTokens, (reasoning.budgetTokens ?? 0) + 1)
  const wished = wishedThinking(reasoning, generation, capTokens, pen.losses)
  const obstacle = wished && obstacleTo(call, wished, pen)
  if (obstacle !== undefined) {
    pen.losses.lost(reasoning, reasoning.mode === undefined ? 'budgetTokens' : 'mode', obstacle)
    if (reasoning.display !== undefined) pen.losses.lost(reasoning, 'display', obstacle)
  }
  const thinking = obstacle === undefined ? wished : undefined
  const isThinking = thinking !== undefined && thinking['type'] !== 'disabled'
  return { additional: thinking ? { thinking } : {}, effort, isThinking }
}

function obstacleTo(call: ChatCall, wished: JsonObject, { maker }: Pen): string | undefined {
  const { kind } = call.toolChoice ?? {}
  if (wished['type'] !== 'disabled' && (kind === 'any' || kind === 'named'))
    return 'Anthropic does not think when the use of a tool is forced'
  if (wished['type'] === 'enabled' && maker === 'anthropic' && isInToolUseWithoutThoughts(call))
    return 'Anthropic needs the thoughts that led to the use of a tool, and they were not handed back'
  return undefined
}

function isInToolUseWithoutThoughts({ messages }: ChatCall): boolean {
  const place = messages.findLastIndex(({ role }) => role === 'assistant')
  const rest = messages.slice(place + 1).flatMap(({ blocks }) => blocks)
  if (place === -1 || !rest.some(({ kind }) => kind === 'tool-result')) return false
  const first = messages[place]?.blocks[0]
  return first?.kind !== 'thought' || (first.signature === undefined && first.redactedData === undefined)
}

/** Nova 2's `reasoningConfig` (Amazon Nova user guide, "Extended thinking", read 2026-11). */
function novaThinking(reasoning: Reasoning, { losses }: Pen): Thinking {
  const { effort, budgetTokens, display } = reasoning
  if (display !== undefined) losses.lost(reasoning, 'display', 'Nova has no word for it')
  if (isOff(reasoning)) return { ...nothing, additional: { reasoningConfig: { type: 'disabled' } } }
  const told = nearest(effort ?? effortFor(budgetTokens), ['low', 'medium', 'high'])
  if (told === undefined) {
    loseAll(reasoning, { losses }, 'Nova knows low, medium and high')
    return nothing
  }
  if (effort !== undefined && told !== effort) losses.approximated(reasoning, 'effort', `the nearest effort is ${told}`)
  if (effort === undefined && budgetTokens === undefined)
    losses.approximated(reasoning, 'mode', `Nova wants an effort: ${told}`)
  if (budgetTokens !== undefined) losses.approximated(reasoning, 'budgetTokens', `told as an effort, ${told}`)
  return {
    ...nothing,
    additional: { reasoningConfig: { type: 'enabled', maxReasoningEffort: told } },
    isThinking: true,
  }
}

/** As OpenAI's own API has it: its models always think. */
function openAiThinking(reasoning: Reasoning, { losses }: Pen): Thinking {
  const { mode, effort, budgetTokens, display } = reasoning
  if (display !== undefined) losses.lost(reasoning, 'display', 'the model has no word for it')
  if (isOff(reasoning)) {
    losses.approximated(reasoning, saidBy(reasoning), 'the model always thinks: told as the least effort')
    return { ...nothing, additional: { reasoning_effort: 'low' } }
  }
  const told =
    effort === undefined && budgetTokens === undefined
      ? undefined
      : nearest(effort ?? effortFor(budgetTokens), ['low', 'medium', 'high'])
  if (mode !== undefined) losses.approximated(reasoning, 'mode', 'the model always thinks')
  if (told === undefined) {
    if (effort !== undefined) losses.lost(reasoning, 'effort', 'the model knows low, medium and high')
    return nothing
  }
  if (effort !== undefined && told !== effort) losses.approximated(reasoning, 'effort', `the nearest effort is ${told}`)
  if (budgetTokens !== undefined) losses.approximated(reasoning, 'budgetTokens', `told as an effort, ${told}`)
  return { ...nothing, additional: { reasoning_effort: told }, isThinking: true }
}

function isOff({ mode, effort, budgetTokens }: Reasoning): boolean {
  return mode === 'off' || (mode === undefined && (effort === 'none' || budgetTokens === 0))
}

/** A judgement of ours, as for OpenAI's dialects: Anthropic's least budget is 1024 tokens. */
function effortFor(budgetTokens: number | undefined): string {
  if (budgetTokens === undefined) return 'medium'
  return budgetTokens <= 2048 ? 'low' : budgetTokens <= 8192 ? 'medium' : 'high'
}

const strengths: readonly string[] = ['minimal', 'low', 'medium', 'high', 'xhigh', 'max']

function nearest(wished: string, known: readonly string[]): string | undefined {
  const strength = strengths.indexOf(wished)
  if (strength === -1) return undefined
  return known.findLast((one) => strengths.indexOf(one) <= strength) ?? known[0]
}

/** The field that says what is lost or approximated. */
function saidBy({ mode, budgetTokens }: Reasoning): 'mode' | 'budgetTokens' | 'effort' {
  if (budgetTokens !== undefined) return 'budgetTokens'
  return mode === undefined ? 'effort' : 'mode'
}

function loseAll(reasoning: Reasoning, { losses }: Pick<Pen, 'losses'>, why: string): void {
  for (const field of ['mode', 'effort', 'budgetTokens', 'display'] as const)
    if (reasoning[field] !== undefined) losses.lost(reasoning, field, why)
}
