import { readOpenAiFormat } from '../../vendors/openai/format.ts'
import type { Logprobs, OutputFormat, Reasoning } from '../../../canonical/chat.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { isJsonArray } from '../../shared/call-fields.ts'
import { logprobsInclude } from '../read-call.ts'
import type { WireFields } from '../../shared/translation/wire-fields.ts'
import { fieldsIn } from './own.ts'

/** How much to think, and whether a summary of it is told. `none` is no effort but off. */
export function readReasoning(call: WireFields): Reasoning | undefined {
  const wire = call.at('reasoning')
  if (!isJsonObject(wire)) return undefined
  const fields = fieldsIn(wire, 'reasoning')
  const effort = fields.text('effort', 'effort')
  const summary = fields.text('display', 'summary', 'generate_summary')
  call.note('reasoning', 'reasoning')
  return fields.hear<Reasoning>({
    mode: effort === 'none' ? 'off' : undefined,
    effort,
    budgetTokens: undefined,
    display: summary === undefined ? undefined : 'summarized',
  })
}

/** @returns the form of the answer; `undefined` for one that is not known here, which stays unheard. */
export function readOutputFormat(call: WireFields): OutputFormat | undefined {
  const wire = call.at('text.format')
  if (!isJsonObject(wire)) return undefined
  const fields = fieldsIn(wire, 'text.format', 'type')
  const format = readOpenAiFormat(fields, '')
  if (format) call.note('outputFormat', 'text.format')
  return format
}

/** The odds are wanted by `include`; how many of them, by a field. */
export function readLogprobs(call: WireFields): Logprobs | undefined {
  const fields = fieldsIn(call.wire, '')
  const include = call.at('include')
  const isWanted = isJsonArray(include) && include.includes(logprobsInclude)
  const topCount = fields.number('topCount', 'top_logprobs')
  if (isWanted) fields.note('isWanted', 'include')
  const key = fields.keyOf('topCount') ?? fields.keyOf('isWanted')
  if (key === undefined) return undefined
  call.note('logprobs', key)
  return fields.hear<Logprobs>({ isWanted: isWanted || (topCount ?? 0) > 0, topCount }, null)
}
