import type { Logprobs, OutputFormat, Reasoning } from '../../../canonical/chat.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import type { WireFields } from '../../shared/translation/wire-fields.ts'
import { dialectName, fieldsIn } from './own.ts'

/** Odds of the chosen tokens only. */
export function readLogprobs(call: WireFields): Logprobs | undefined {
  const isWanted = call.flag('logprobs', 'logprobs')
  if (isWanted === undefined) return undefined
  const logprobs: Logprobs = { isWanted, topCount: undefined }
  return hear(logprobs, { dialect: dialectName, wire: isWanted, path: 'logprobs', heard: { isWanted: '' } })
}

/** Cohere has one word for JSON, with a schema or without; a schema is always enforced. */
export function readOutputFormat(call: WireFields): OutputFormat | undefined {
  const wire = call.at('response_format')
  if (!isJsonObject(wire) || (wire['type'] !== 'text' && wire['type'] !== 'json_object')) return undefined
  call.note('outputFormat', 'response_format')
  const fields = fieldsIn(wire, 'response_format')
  fields.note('kind', 'type')
  if (wire['type'] === 'text') return fields.hear<OutputFormat>({ kind: 'text' })
  const schema = fields.object('schema', 'json_schema')
  if (schema === undefined) return fields.hear<OutputFormat>({ kind: 'json-object' })
  const unnamed = { name: undefined, description: undefined }
  return fields.hear<OutputFormat>({ kind: 'json-schema', ...unnamed, schema, isStrict: true })
}

export function readReasoning(call: WireFields): Reasoning | undefined {
  const wire = call.object('reasoning', 'thinking')
  if (wire === undefined) return undefined
  const fields = fieldsIn(wire, 'thinking')
  const mode = wire['type'] === 'enabled' ? 'on' : wire['type'] === 'disabled' ? 'off' : undefined
  if (mode !== undefined) fields.note('mode', 'type')
  return fields.hear<Reasoning>({
    mode,
    effort: undefined,
    budgetTokens: fields.number('budgetTokens', 'token_budget'),
    display: undefined,
  })
}
