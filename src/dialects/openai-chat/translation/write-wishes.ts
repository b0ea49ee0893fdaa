import type { ChatCall, OutputFormat, Reasoning } from '../../../canonical/chat.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { originOf, rewrite } from '../../../canonical/origin.ts'
import { put, type Draft } from '../../shared/translation/put.ts'
import { effortWords } from '../../shared/translation/effort-words.ts'
import { notEnforcedWhy, notObjectWhy, objectSchema, strictFor } from '../../vendors/openai/strict-schema.ts'
import { dialectName, isOwn, keyFor } from './own.ts'
import { accountFor, type Pen } from './write-parts.ts'

export function putOutputFormat(draft: Draft, call: ChatCall, pen: Pen): void {
  const { outputFormat } = call
  if (!outputFormat) return
  const written = isOwn(outputFormat)
    ? rewrite<OutputFormat>(outputFormat, dialectName, (format) => freshFormat(format, pen) ?? null)
    : freshFormat(outputFormat, pen)
  if (written === undefined) pen.losses.lost(call, 'outputFormat', notObjectWhy)
  else draft['response_format'] = written
}

export function putLogprobs(draft: Draft, call: ChatCall, pen: Pen): void {
  const { logprobs } = call
  if (!logprobs) return
  if (pen.refuses.has('logprobs')) return pen.losses.whole(logprobs, 'the target refuses a call that says it')
  if (logprobs.isWanted || keyFor(logprobs, 'isWanted', '') !== '') draft['logprobs'] = logprobs.isWanted
  put(draft, 'top_logprobs', logprobs.topCount)
  accountFor(logprobs, ['isWanted', 'topCount'], pen)
}

/** Foreign wishes become `reasoning_effort`, which is the one published word. */
export function putReasoning(draft: Draft, call: ChatCall, pen: Pen): void {
  const { reasoning } = call
  if (!reasoning) return
  if (isOwn(reasoning)) putOwnReasoning(draft, reasoning)
  else putEffort(draft, reasoning, pen)
}

function putOwnReasoning(draft: Draft, reasoning: Reasoning): void {
  const { mode, effort, budgetTokens, display } = reasoning
  put(draft, keyFor(reasoning, 'effort', 'reasoning_effort'), effort)
  put(draft, keyFor(reasoning, 'budgetTokens', 'reasoning.max_tokens'), budgetTokens)
  const modeKey = keyFor(reasoning, 'mode', '')
  if (modeKey === 'thinking.type') put(draft, modeKey, mode === undefined ? undefined : typeOfMode[mode])
  else if (modeKey !== '') put(draft, modeKey, mode === undefined ? undefined : mode !== 'off')
  const displayKey = keyFor(reasoning, 'display', '')
  if (displayKey === 'reasoning.exclude') put(draft, displayKey, display === 'omitted')
  else if (displayKey !== '') put(draft, displayKey, display)
}

const typeOfMode = { on: 'enabled', off: 'disabled', adaptive: 'adaptive' } as const

function putEffort(draft: Draft, reasoning: Reasoning, pen: Pen): void {
  const { effort, carried } = effortWords(reasoning, pen.losses)
  const told = pen.words.has('effort_high_or_none') ? highOrNone(effort) : effort
  if (told !== effort)
    pen.losses.approximated(reasoning, carried.includes('effort') ? 'effort' : 'budgetTokens', `told as ${told}`)
  if (told !== undefined) draft['reasoning_effort'] = told
  accountFor(reasoning, carried, pen)
}

function highOrNone(effort: string | undefined): string | undefined {
  if (effort === undefined) return undefined
  return effort === 'none' || effort === 'minimal' ? 'none' : 'high'
}

function freshFormat(format: OutputFormat, pen: Pen): JsonObject | undefined {
  switch (format.kind) {
    case 'text':
      accountFor(format, [], pen)
      return { type: 'text' }
    case 'json-object':
      accountFor(format, [], pen)
      return { type: 'json_object' }
    case 'json-schema': {
      const schema = isOwn(format) ? format.schema : objectSchema(format.schema)
      if (schema === undefined) return undefined
      const wanted: Draft = { type: 'json_schema' }
      // A name is demanded; one that an own call did not have it does not get.
      put(wanted, 'json_schema.name', format.name ?? (isOwn(format) ? undefined : 'answer'))
      put(wanted, 'json_schema.description', format.description)
      if (!isOwn(format) || hasSchema(format)) put(wanted, 'json_schema.schema', schema)
      const isStrict = isOwn(format) ? format.isStrict : strictFor(format.isStrict, schema)
      put(wanted, 'json_schema.strict', isStrict)
      if (isStrict !== format.isStrict) pen.losses.approximated<JsonSchemaFormat>(format, 'schema', notEnforcedWhy)
      accountFor<JsonSchemaFormat>(format, ['name', 'description', 'schema', 'isStrict'], pen)
      return wanted
    }
    default:
      return format satisfies never
  }
}

type JsonSchemaFormat = Extract<OutputFormat, { kind: 'json-schema' }>

function hasSchema(format: JsonSchemaFormat): boolean {
  const wire = originOf(format)?.wire
  const said = isJsonObject(wire) ? wire['json_schema'] : undefined
  return (isJsonObject(said) && isJsonObject(said['schema'])) || Object.keys(format.schema).length > 0
}
