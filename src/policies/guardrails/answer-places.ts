import type { TextPlace } from '../../canonical/guardrail.ts'
import { isJsonObject, type Json, type JsonObject } from '../../canonical/json.ts'

/** By the names that providers give to what their models say, and by the types of its parts: all else is the answer itself. */
export function placeInAnswer(path: string, value: Json): TextPlace | undefined {
  if (path === '') return 'assistant'
  return byName.get(lastNameOf(path)) ?? (isJsonObject(value) ? placeOfPart(value) : undefined)
}

/** The member that a path ends with, or whose element it is: `input` of `content[0].input`, `content` of `content[0]`. */
export function lastNameOf(path: string): string {
  return path.split(/[.[\]]/).findLast((piece) => piece !== '' && !/^\d+$/.test(piece)) ?? ''
}

const byName: ReadonlyMap<string, TextPlace> = new Map([
  ...named('tool-arguments', 'arguments input args partial_json tool_calls function_call functionCall toolUse'),
  ...named('tool-result', 'functionResponse toolResult'),
  ...named(
    'reasoning',
    'reasoning reasoning_content reasoningText reasoningContent reasoning_details thinking summary',
  ),
  ...named('refusal', 'refusal'),
])

function named(place: TextPlace, all: string): readonly (readonly [string, TextPlace])[] {
  return all.split(' ').map((name) => [name, place])
}

function placeOfPart({ type, thought }: JsonObject): TextPlace | undefined {
  if (thought === true) return 'reasoning'
  if (typeof type !== 'string') return undefined
  if (/(?:result|output)$/.test(type)) return 'tool-result'
  if (/(?:tool_use|_call)$/.test(type)) return 'tool-arguments'
  if (/^(?:reasoning|thinking|summary_text)/.test(type)) return 'reasoning'
  return type === 'refusal' ? 'refusal' : undefined
}
