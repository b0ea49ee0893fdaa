import type { Block } from '../../../canonical/chat.ts'
import type { BlockOpening } from '../../../canonical/event.ts'

/**
 * A message keeps thoughts, text and calls each in a place of its own, so that of the order of its blocks it can tell only
 * this one. In a stream the order is told by time.
 */
export class BodyOrder {
  #furthest = 0

  /** @returns whether the block stands before one that it came after. */
  isMoved(kind: Block['kind'] | BlockOpening['kind']): boolean {
    const place = places[kind]
    if (place === undefined) return false
    const isMoved = place < this.#furthest
    this.#furthest = Math.max(this.#furthest, place)
    return isMoved
  }
}

export const movedWhy = 'told before what it came after: a message has one place each for thoughts, text and calls'

const places: Readonly<Partial<Record<Block['kind'] | BlockOpening['kind'], number>>> = {
  thought: 1,
  'redacted-thought': 1,
  text: 2,
  refusal: 3,
  audio: 4,
  image: 5,
  'tool-use': 6,
}
