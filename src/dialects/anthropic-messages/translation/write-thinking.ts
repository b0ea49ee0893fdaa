import type { ChatCall } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { isJsonArray } from '../../shared/call-fields.ts'
import { writeEffort } from '../../vendors/anthropic/claude-effort.ts'
import { wishedThinking } from '../../vendors/anthropic/claude-thinking.ts'
import { generationOf } from './generations.ts'
import { isOwn } from './own.ts'

export interface Thinking {
  /** The `thinking` field. */
  readonly thinking: JsonObject | undefined
  /** For `output_config.effort`. */
  readonly effort: string | undefined
}

/**
 * How much to think, within what Anthropic takes together (its page on extended thinking, read 2026-08). Next to a forced
 * use of a tool, or in the middle of one without the thoughts that led to it, thinking gives way.
 */
export function writeThinking(call: ChatCall, capTokens: number, messages: readonly Json[], losses: Losses): Thinking {
  const { reasoning } = call
  if (reasoning === undefined) return { thinking: undefined, effort: undefined }
  const generation = generationOf(call)
  losses.account(reasoning, ['mode', 'effort', 'budgetTokens', 'display'])
  const effort = writeEffort(reasoning, generation, losses)
  const wished = wishedThinking(reasoning, generation, capTokens, losses)
  const obstacle = wished && !isOwn(call) ? obstacleTo(call, wished, messages) : undefined
  if (obstacle === undefined) return { thinking: wished, effort }
  losses.lost(reasoning, reasoning.mode === undefined ? 'budgetTokens' : 'mode', obstacle)
  if (reasoning.display !== undefined) losses.lost(reasoning, 'display', obstacle)
  return { thinking: undefined, effort }
}

function obstacleTo(call: ChatCall, wished: JsonObject, messages: readonly Json[]): string | undefined {
  const { kind } = call.toolChoice ?? {}
  const isForced = (kind === 'any' || kind === 'named') && generationOf(call).takesForcedTools
  if (wished['type'] !== 'disabled' && isForced) return 'Anthropic does not think when the use of a tool is forced'
  if (wished['type'] === 'enabled' && isInToolUseWithoutThoughts(messages))
    return 'Anthropic needs the thoughts that led to the use of a tool, and they were not handed back'
  return undefined
}

function isInToolUseWithoutThoughts(messages: readonly Json[]): boolean {
  if (!blocksOf(messages.at(-1), 'user').some((block) => typeOf(block) === 'tool_result')) return false
  const asked = blocksOf(messages.at(-2), 'assistant')
  const first = typeOf(asked[0])
  return asked.some((block) => typeOf(block) === 'tool_use') && first !== 'thinking' && first !== 'redacted_thinking'
}

function blocksOf(message: Json | undefined, role: string): readonly Json[] {
  const content = isJsonObject(message) && message['role'] === role ? message['content'] : undefined
  return isJsonArray(content) ? content : []
}

function typeOf(block: Json | undefined): Json | undefined {
  return isJsonObject(block) ? block['type'] : undefined
}
