import type { BlockDelta, BlockEnd, BlockOpening, BlockStart, Delta } from '../../../canonical/event.ts'
import type { Json } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { dialectName } from './own.ts'

/** What a block of an answer is, as it opens. */
export interface Opening {
  readonly content: BlockOpening
  readonly wire: Json
  /** Keys of the wire that were understood, separated by spaces. The first is the place of the block's own words. */
  readonly keys: string
}

/** One block of an answer as events, which remember where in the answer they stood. */
export class HeardBlock {
  readonly opening: Opening
  readonly #block: number
  readonly #path: string
  #citations = 0

  /** @param block its place among the canonical blocks. */
  constructor(opening: Opening, block: number, path: string) {
    this.opening = opening
    this.#block = block
    this.#path = path
  }

  start(): BlockStart {
    const { content, wire, keys } = this.opening
    const event: BlockStart = { kind: 'block-start', choice: 0, block: this.#block, content }
    const isOpaque = content.kind === 'opaque'
    const heard = { content: isOpaque ? '' : (keys.split(' ')[0] ?? ''), '': keys }
    return hear(event, { dialect: dialectName, wire, path: this.#path, heard, ...(isOpaque && { unheard: [] }) })
  }

  delta(delta: Delta): BlockDelta {
    const event: BlockDelta = { kind: 'block-delta', choice: 0, block: this.#block, delta }
    if (delta.kind === 'signature')
      return this.#heard(event, '.reasoningContent.reasoningText.signature', delta.signature)
    if (delta.kind === 'citation')
      return this.#heard(event, `.citationsContent.citations[${this.#citations++}]`, delta.citation)
    return event
  }

  end(): BlockEnd {
    return { kind: 'block-end', choice: 0, block: this.#block }
  }

  /** In a wording that a foreign writer must not pass on. */
  #heard(event: BlockDelta, place: string, wire: Json): BlockDelta {
    const path = `${this.#path}${place}`
    return hear(event, { dialect: dialectName, wire, path, heard: { delta: '' }, unheard: [] })
  }
}
