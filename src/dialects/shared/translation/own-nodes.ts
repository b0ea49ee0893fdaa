import type { JsonObject } from '../../../canonical/json.ts'
import { originOf } from '../../../canonical/origin.ts'
import { WireFields } from './wire-fields.ts'

/** What the two halves of a dialect ask of nodes. */
export interface OwnNodes {
  /** Whether a node was read from this dialect, edited since or not: its wire value and its spellings are ours. */
  readonly isOwn: (node: object) => boolean
  /** The key that an own node's field came under; a foreign one is written under `otherwise`. */
  readonly keyFor: (node: object, field: string, otherwise: string) => string
  /** Where an own node stood; empty for any other. */
  readonly ownPathOf: (node: object) => string
  /**
   * The fields of one object in the words of this dialect.
   * @param structural keys that carry nothing of their own, such as `type`.
   */
  readonly fieldsIn: (wire: JsonObject, path: string, ...structural: readonly string[]) => WireFields
}

/** @param dialect its name in the origins of its nodes. */
export function ownNodes(dialect: string): OwnNodes {
  const ownOrigin = (node: object) => {
    const origin = originOf(node)
    return origin?.dialect === dialect ? origin : undefined
  }
  return {
    isOwn: (node) => originOf(node)?.dialect === dialect,
    keyFor: (node, field, otherwise) => ownOrigin(node)?.heard[field] ?? otherwise,
    ownPathOf: (node) => ownOrigin(node)?.path ?? '',
    fieldsIn: (wire, path, ...structural) => {
      const fields = new WireFields(dialect, wire, path)
      fields.understand(...structural)
      return fields
    },
  }
}
