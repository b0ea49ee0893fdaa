import type { OutputFormat, Reasoning } from '../../../canonical/chat.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { Hearing } from './hearing.ts'

/** Where a format may stand: the field, and the beta before it. */
export const formatPaths = ['output_config.format', 'output_format'] as const

export function readOutputFormat(call: Hearing): OutputFormat | undefined {
  let found: OutputFormat | undefined
  for (const path of formatPaths) {
    const said = path === 'output_format' ? call.wire[path] : part(call.wire, 'output_config')['format']
    const format = isJsonObject(said) && found === undefined ? readFormat(said, path) : undefined
    if (format === undefined) continue
    call.understood('outputFormat', path)
    found = format
  }
  return found
}

function readFormat(wire: JsonObject, path: string): OutputFormat | undefined {
  const { type, schema } = wire
  if (type !== 'json_schema' || !isJsonObject(schema)) return undefined
  const hearing = new Hearing(wire, path)
  hearing.understood('kind', 'type')
  hearing.understood('schema', 'schema')
  // The schema is enforced always.
  return hearing.node<OutputFormat>({
    kind: 'json-schema',
    name: undefined,
    description: undefined,
    schema,
    isStrict: true,
  })
}

/** Thinking and effort: two fields of the body, one wish. */
export function readReasoning(call: Hearing): Reasoning | undefined {
  const thinking = part(call.wire, 'thinking')
  const { effort } = part(call.wire, 'output_config')
  const hasThinking = isJsonObject(call.wire['thinking'])
  if (hasThinking) call.understood('reasoning', 'thinking')
  if (typeof effort === 'string') call.understood(hasThinking ? 'effort' : 'reasoning', 'output_config.effort')
  if (!hasThinking && typeof effort !== 'string') return undefined
  const hearing = new Hearing({ thinking, ...(typeof effort === 'string' && { output_config: { effort } }) }, '')
  const mode = modes.get(thinking['type'])
  if (mode !== undefined) hearing.understood('mode', 'thinking.type')
  return hearing.node<Reasoning>({
    mode,
    effort: hearing.text('effort', 'output_config.effort'),
    budgetTokens: hearing.number('budgetTokens', 'thinking.budget_tokens'),
    display: hearing.text('display', 'thinking.display'),
  })
}

const modes: ReadonlyMap<unknown, Reasoning['mode']> = new Map([
  ['enabled', 'on'],
  ['disabled', 'off'],
  ['adaptive', 'adaptive'],
])

function part(wire: JsonObject, key: string): JsonObject {
  const value = wire[key]
  return isJsonObject(value) ? value : {}
}
