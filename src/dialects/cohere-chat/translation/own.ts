import type { JsonObject } from '../../../canonical/json.ts'
import { originOf } from '../../../canonical/origin.ts'
import { WireFields as Fields } from '../../shared/translation/wire-fields.ts'

/** The dialect's name in the origins of its nodes. */
export const dialectName = 'cohere-chat'

/** The fields of one object in the words of this dialect. */
export class WireFields extends Fields {
  /** @param structural keys that carry nothing of their own, such as `type`. */
  constructor(wire: JsonObject, path: string, ...structural: readonly string[]) {
    super(dialectName, wire, path)
    this.understand(...structural)
  }
}

/** Whether a node was read from this dialect, edited since or not: its wordings are ours. */
export function isOwn(node: object): boolean {
  return originOf(node)?.dialect === dialectName
}

/** Where an own node stood; empty for any other. */
export function ownPathOf(node: object): string {
  const origin = originOf(node)
  return origin?.dialect === dialectName ? origin.path : ''
}
