import type { BlockOpening, Delta, ReplyEvent } from '../canonical/event.ts'
import type { Json } from '../canonical/json.ts'
import { hear } from '../canonical/origin.ts'

/** Where an event stood in the answer, and what of it no canonical word carries. */
export interface Place {
  readonly wire: Json
  readonly path: string
  readonly unheard: readonly string[]
}

/** The blocks of one choice, one after the other: what begins ends what was open. */
export class BlockSequence {
  readonly #dialect: string
  readonly #choice: number
  #next = 0
  #open: { readonly kind: BlockOpening['kind']; readonly block: number } | undefined
  #events: ReplyEvent[] = []

  /** @param dialect whose answer is read. */
  constructor(dialect: string, choice: number) {
    this.#dialect = dialect
    this.#choice = choice
  }

  /** The kind of the block that is open. */
  get kind(): BlockOpening['kind'] | undefined {
    return this.#open?.kind
  }

  /** The number that the next block will have. */
  get next(): number {
    return this.#next
  }

  /** @returns the block's number. */
  open(content: BlockOpening, place?: Place): number {
    this.end()
    const block = this.#next++
    this.#open = { kind: content.kind, block }
    this.tell({ kind: 'block-start', choice: this.#choice, block, content }, place)
    return block
  }

  /** More of the open block. Nothing, when none is open. */
  delta(delta: Delta, place?: Place): void {
    if (this.#open) this.deltaOf(this.#open.block, delta, place)
  }

  /** More of any block. */
  deltaOf(block: number, delta: Delta, place?: Place): void {
    this.tell({ kind: 'block-delta', choice: this.#choice, block, delta }, place)
  }

  end(): void {
    if (this.#open) this.tell({ kind: 'block-end', choice: this.#choice, block: this.#open.block })
    this.#open = undefined
  }

  /** What has happened since the last time. */
  take(): readonly ReplyEvent[] {
    const events = this.#events
    this.#events = []
    return events
  }

  /** An event of another kind, in its place among those of the blocks. */
  tell(event: ReplyEvent, place?: Place): void {
    this.#events.push(place ? hear(event, { dialect: this.#dialect, heard: nothing, ...place }) : event)
  }
}

const nothing = Object.freeze({})
