import type { BlockOpening, Delta } from '../../../canonical/event.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { isJsonArray } from '../../shared/call-fields.ts'
import { unsignedMark } from '../unsigned-thoughts.ts'
import { isDirectCaller } from './callers.ts'
import { restoredName } from './tool-names.ts'
import { typeName } from './type-name.ts'

/** A block of an answer as it begins: whole in a body, most often empty in a stream. */
export interface Opening {
  readonly content: BlockOpening
  /** Keys of the wire that were understood, beside `type`, separated by spaces. */
  readonly keys: string
  /** What the block holds already. */
  readonly deltas: readonly Delta[]
  /** The arguments of a tool's use, which in a stream count only when no deltas follow. */
  readonly input: JsonObject | undefined
}

export function readOpening(wire: Json): Opening {
  const read = readBlock(wire)
  const { content = opaqueOpening(wire), keys = '', deltas = [], input } = read ?? {}
  return { content, keys, deltas, input }
}

interface Read extends Pick<Opening, 'content' | 'keys'> {
  readonly deltas?: readonly Delta[]
  readonly input?: JsonObject
}

/** @returns `undefined` for a block that only this dialect has a word for, or one in an unknown shape. */
function readBlock(wire: Json): Read | undefined {
  if (!isJsonObject(wire)) return undefined
  const { type, text, thinking, signature, data, citations, id, name, input, caller } = wire
  switch (type) {
    case 'text':
      if (typeof text !== 'string') return undefined
      return {
        content: { kind: 'text' },
        keys: 'text citations',
        deltas: [{ kind: 'text', text }, ...(isJsonArray(citations) ? citations : []).map(citationDelta)],
      }
    case 'thinking':
      if (typeof thinking !== 'string') return undefined
      return {
        content: { kind: 'thought' },
        keys: 'thinking signature',
        deltas: [{ kind: 'text', text: thinking }, ...(isSignature(signature) ? [signatureDelta(signature)] : [])],
      }
    case 'redacted_thinking':
      return typeof data === 'string' ? { content: { kind: 'redacted-thought', data }, keys: 'data' } : undefined
    case 'tool_use':
      if (typeof id !== 'string' || typeof name !== 'string' || !isJsonObject(input)) return undefined
      return {
        content: { kind: 'tool-use', id, name: restoredName(name), signature: undefined },
        keys: `id name input${isDirectCaller(caller) ? ' caller.type' : ''}`,
        input,
      }
    default:
      return undefined
  }
}

export function isSignature(said: Json | undefined): said is string {
  return typeof said === 'string' && said !== '' && said !== unsignedMark
}

function citationDelta(citation: Json): Delta {
  return { kind: 'citation', citation }
}

function signatureDelta(signature: string): Delta {
  return { kind: 'signature', signature }
}

function opaqueOpening(wire: Json): BlockOpening {
  const block = isJsonObject(wire) ? wire : { type: typeof wire, value: wire }
  return { kind: 'opaque', type: typeName(block['type']), wire: block }
}
