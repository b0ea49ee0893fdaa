import type { JsonObject } from '../../../canonical/json.ts'
import { originOf } from '../../../canonical/origin.ts'
import { WireFields as Fields } from '../../shared/translation/wire-fields.ts'

/** The dialect's name in the origins of its nodes. */
export const dialectName = 'ollama-chat'

/** The fields of one object in the words of this dialect. */
export class WireFields extends Fields {
  constructor(wire: JsonObject, path: string) {
    super(dialectName, wire, path)
  }
}

/** Whether a node was read from this dialect, edited since or not. */
export function isOwn(node: object): boolean {
  return originOf(node)?.dialect === dialectName
}
