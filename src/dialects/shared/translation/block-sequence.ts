import type { BlockOpening, Delta, ReplyEvent } from '../../../canonical/event.ts'
import { GatewayError } from '../../../canonical/error.ts'
import type { Json } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'

/** Where an event stood in the answer, and what of it no canonical word carries. */
export interface Place {
  readonly wire: Json
  readonly path: string
  readonly unheard: readonly string[]
}

/** The blocks of one choice: what begins ends what was open. Only a call beside others, whose pieces may come mixed, does not. */
export class BlockSequence {
  readonly #dialect: string
  readonly #choice: number
  #next = 0
  /** In the order of their starts: one block, or calls of tools. */
  readonly #open: OpenBlock[] = []
  #events: ReplyEvent[] = []

  /** @param dialect whose answer is read. */
  constructor(dialect: string, choice: number) {
    this.#dialect = dialect
    this.#choice = choice
  }

  /** The kind of the block that is open, of several that of the last. */
  get kind(): BlockOpening['kind'] | undefined {
    return this.#open.at(-1)?.kind
  }

  /** The number that the next block will have. */
  get next(): number {
    return this.#next
  }

  /** @returns the block's number. */
  open(content: BlockOpening, place?: Place): number {
    this.end()
    return this.#start(content, place, false)
  }

  /** As `open`, but calls of tools that are open stay so: more of them may come. */
  openCall(content: BlockOpening, place?: Place): number {
    if (this.#open.at(-1)?.isCall !== true) this.end()
    return this.#start(content, place, true)
  }

  #start(content: BlockOpening, place: Place | undefined, isCall: boolean): number {
    const block = this.#next++
    this.#open.push({ kind: content.kind, block, isCall })
    this.tell({ kind: 'block-start', choice: this.#choice, block, content }, place)
    return block
  }

  /** More of the open block, of several of the last. Nothing, when none is open. */
  delta(delta: Delta, place?: Place): void {
    const open = this.#open.at(-1)
    if (open) this.tell({ kind: 'block-delta', choice: this.#choice, block: open.block, delta }, place)
  }

  isOpen(block: number): boolean {
    for (const open of this.#open) if (open.block === block) return true
    return false
  }

  /**
   * More of any block that is open.
   * @throws GatewayError `upstream_invalid` when it is not: the client holds the block for whole already.
   */
  deltaOf(block: number, delta: Delta, place?: Place): void {
    if (!this.isOpen(block))
      throw new GatewayError('upstream_invalid', 'the provider went on with a part of its answer that had ended')
    this.tell({ kind: 'block-delta', choice: this.#choice, block, delta }, place)
  }

  /** Ends one of those that are open. */
  endOf(block: number): void {
    const at = this.#open.findIndex((open) => open.block === block)
    if (at === -1) return
    this.#open.splice(at, 1)
    this.tell({ kind: 'block-end', choice: this.#choice, block })
  }

  /** Ends all that are open. */
  end(): void {
    for (const { block } of this.#open) this.tell({ kind: 'block-end', choice: this.#choice, block })
    this.#open.length = 0
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

interface OpenBlock {
  readonly kind: BlockOpening['kind']
  readonly block: number
  readonly isCall: boolean
}

const nothing = Object.freeze({})
