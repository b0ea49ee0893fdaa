import { readOpenAiFormat } from '../../vendors/openai/format.ts'
import type { CacheMark, Logprobs, OutputFormat, Reasoning } from '../../../canonical/chat.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import type { WireFields } from '../../shared/translation/wire-fields.ts'
import { readCacheMark } from './cache-mark.ts'
import { fieldsIn } from './own.ts'

/** The parts of a call that are nodes of their own: how to think, in which form to answer, what to tell of the odds. */

/**
 * OpenAI's `reasoning_effort`; OpenRouter's `reasoning` ("Reasoning tokens", read 2026-11); the `thinking` of DeepSeek, which
 * is Anthropic's. `none` is no effort but off.
 */
export function readReasoning(call: WireFields): Reasoning | undefined {
  const fields = fieldsIn(call.wire, '')
  const effort = fields.text('effort', 'reasoning_effort', 'reasoning.effort')
  const isOff = effort === 'none'
  const mode = readMode(fields) ?? (isOff ? 'off' : undefined)
  const budgetTokens = fields.number('budgetTokens', 'reasoning.max_tokens', 'thinking.budget_tokens')
  const display = readDisplay(fields)
  const keys = ['mode', 'effort', 'budgetTokens', 'display'].flatMap((field) => fields.keyOf(field) ?? [])
  const [first] = keys
  if (first === undefined) return undefined
  call.note('reasoning', first)
  call.understand(...keys)
  return fields.hear<Reasoning>({ mode, effort, budgetTokens, display }, null)
}

/** @returns the form of the answer; `undefined` for one that is not known here, which stays unheard. */
export function readOutputFormat(call: WireFields): OutputFormat | undefined {
  const wire = call.at('response_format')
  if (!isJsonObject(wire)) return undefined
  const fields = fieldsIn(wire, 'response_format', 'type')
  const format = readOpenAiFormat(fields, 'json_schema.')
  if (format) call.note('outputFormat', 'response_format')
  return format
}

export function readLogprobs(call: WireFields): Logprobs | undefined {
  const fields = fieldsIn(call.wire, '')
  const isWanted = fields.flag('isWanted', 'logprobs')
  const topCount = fields.number('topCount', 'top_logprobs')
  const keys = [fields.keyOf('isWanted'), fields.keyOf('topCount')].filter((key) => key !== undefined)
  const [first] = keys
  if (first === undefined) return undefined
  call.note('logprobs', first)
  call.understand(...keys)
  return fields.hear<Logprobs>({ isWanted: isWanted ?? false, topCount }, null)
}

/** OpenRouter: a mark for the whole call lets the provider choose the places. */
export function readCallCache(call: WireFields): CacheMark | undefined {
  return readCacheMark(call)
}

function readMode(fields: WireFields): Reasoning['mode'] {
  const mode = modes.get(fields.at('thinking.type'))
  if (mode !== undefined) {
    fields.note('mode', 'thinking.type')
    return mode
  }
  const isEnabled = fields.flag('mode', 'reasoning.enabled')
  return isEnabled === undefined ? undefined : isEnabled ? 'on' : 'off'
}

const modes = new Map<unknown, Reasoning['mode']>([
  ['enabled', 'on'],
  ['disabled', 'off'],
  ['adaptive', 'adaptive'],
])

function readDisplay(fields: WireFields): string | undefined {
  if (fields.at('reasoning.exclude') !== true) return fields.text('display', 'thinking.display')
  fields.note('display', 'reasoning.exclude')
  return 'omitted'
}
