import type { JsonObject } from '../../../canonical/json.ts'
import { originOf } from '../../../canonical/origin.ts'
import { WireFields as Fields } from '../../shared/translation/wire-fields.ts'

export { below } from '../../shared/translation/wire-fields.ts'

/** The dialect's name in the origins of its nodes. */
export const dialectName = 'openai-chat'

/** The fields of one object in the words of this dialect. */
export class WireFields extends Fields {
  constructor(wire: JsonObject, path: string) {
    super(dialectName, wire, path)
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
