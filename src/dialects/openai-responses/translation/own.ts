import type { JsonObject } from '../../../canonical/json.ts'
import { originOf } from '../../../canonical/origin.ts'
import { WireFields as Fields } from '../../shared/translation/wire-fields.ts'

/** The dialect's name in the origins of its nodes. */
export const dialectName = 'openai-responses'

/** The fields of one object in the words of this dialect. */
export class WireFields extends Fields {
  constructor(wire: JsonObject, path: string, ...structural: readonly string[]) {
    super(dialectName, wire, path)
    this.understand(...structural)
  }
}

/** Whether a node was read from this dialect, edited since or not: then its wire value and its spellings are ours. */
export function isOwn(node: object): boolean {
  return originOf(node)?.dialect === dialectName
}

/** The key that an own node's field came under; a foreign one is written under `otherwise`. */
export function keyFor(node: object, field: string, otherwise: string): string {
  const origin = originOf(node)
  return (origin?.dialect === dialectName ? origin.heard[field] : undefined) ?? otherwise
}

/** The name under which OpenRouter publishes that a thought is signed by a model of this dialect. */
export const signatureFormat = 'openai-responses-v1'
