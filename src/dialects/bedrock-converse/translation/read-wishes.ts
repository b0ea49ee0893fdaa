import type { OutputFormat, Reasoning } from '../../../canonical/chat.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { parseUnscannedJson } from '../../../wire/json-parse.ts'
import type { WireFields } from '../../shared/translation/wire-fields.ts'
import { fieldsIn } from './own.ts'

/** The schema stands there as text. */
export function readOutputFormat(call: WireFields): OutputFormat | undefined {
  const place = 'outputConfig.textFormat'
  const said = call.at(place)
  if (!isJsonObject(said) || said['type'] !== 'json_schema') return undefined
  const fields = fieldsIn(said, place)
  const text = fields.at('structure.jsonSchema.schema')
  const schema = typeof text === 'string' ? parsed(text) : undefined
  if (schema === undefined) return undefined
  call.note('outputFormat', place)
  fields.note('kind', 'type')
  fields.note('schema', 'structure.jsonSchema.schema')
  return fields.hear<OutputFormat>({
    kind: 'json-schema',
    name: fields.text('name', 'structure.jsonSchema.name'),
    description: fields.text('description', 'structure.jsonSchema.description'),
    schema,
    // The schema is enforced always.
    isStrict: true,
  })
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value = parseUnscannedJson(text)
    return isJsonObject(value) ? value : undefined
  } catch {
    // Not swallowed: the field counts as not understood.
    return undefined
  }
}

const additional = 'additionalModelRequestFields'

/**
 * How much to think, in the words of the model's maker: Anthropic's `thinking` (under an older name of Bedrock's too), Nova's
 * `reasoningConfig`, OpenAI's `reasoning_effort`; and the effort, where Converse has a word of its own for it.
 */
export function readReasoning(call: WireFields): Reasoning | undefined {
  const thinking = [`${additional}.thinking`, `${additional}.reasoning_config`].find((key) =>
    isJsonObject(call.at(key)),
  )
  const nova = `${additional}.reasoningConfig`
  const group = thinking ?? (isJsonObject(call.at(nova)) ? nova : undefined)
  const efforts = [
    'outputConfig.effort',
    `${additional}.output_config.effort`,
    `${additional}.reasoning_effort`,
    `${nova}.maxReasoningEffort`,
  ]
  const effortKey = efforts.find((key) => typeof call.at(key) === 'string')
  if (group === undefined && effortKey === undefined) return undefined
  const fields = fieldsIn(call.wire, '')
  if (group !== undefined) call.note('reasoning', group)
  if (effortKey !== undefined && !(group !== undefined && effortKey.startsWith(`${group}.`)))
    call.note(group === undefined ? 'reasoning' : 'effort', effortKey)
  const mode = group === undefined ? undefined : modes.get(call.at(`${group}.type`))
  if (mode !== undefined) fields.note('mode', `${group}.type`)
  const node: Reasoning = {
    mode,
    effort: effortKey === undefined ? undefined : fields.text('effort', effortKey),
    budgetTokens: group === undefined ? undefined : fields.number('budgetTokens', `${group}.budget_tokens`),
    display: group === undefined ? undefined : fields.text('display', `${group}.display`),
  }
  // Of the body, this node is only these fields: what else its group holds is the call's to account for.
  const known = ['type', 'budget_tokens', 'display', 'maxReasoningEffort'].map((key) => `${group}.${key}`)
  call.understand(...known.filter((key) => heardIn(fields, key)))
  return fields.hearPart(node)
}

function heardIn(fields: WireFields, key: string): boolean {
  return ['mode', 'effort', 'budgetTokens', 'display'].some((field) => fields.keyOf(field) === key)
}

const modes: ReadonlyMap<unknown, Reasoning['mode']> = new Map([
  ['enabled', 'on'],
  ['disabled', 'off'],
  ['adaptive', 'adaptive'],
])
