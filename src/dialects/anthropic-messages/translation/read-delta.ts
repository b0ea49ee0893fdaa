import type { BlockOpening, Delta } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { isSignature } from './read-opening.ts'

/** @returns `undefined` for a delta that says nothing. */
export function readDelta(wire: JsonObject, kind: BlockOpening['kind']): Delta | undefined {
  const { type, text, thinking, signature, partial_json: json, citation } = wire
  if (type === 'text_delta' && kind === 'text' && typeof text === 'string') return textDelta(text)
  if (type === 'thinking_delta' && kind === 'thought' && typeof thinking === 'string') return textDelta(thinking)
  if (type === 'signature_delta' && kind === 'thought')
    return isSignature(signature) ? { kind: 'signature', signature } : undefined
  if (type === 'input_json_delta' && kind === 'tool-use' && typeof json === 'string')
    return json === '' ? undefined : { kind: 'arguments', text: json }
  if (type === 'citations_delta' && kind === 'text' && citation !== undefined) return { kind: 'citation', citation }
  return { kind: 'opaque', wire }
}

function textDelta(text: string): Delta | undefined {
  return text === '' ? undefined : { kind: 'text', text }
}
