import type { BlockDelta, BlockOpening, BlockStart } from '../../../canonical/event.ts'
import { GatewayError } from '../../../canonical/error.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { approximateEvent, loseEvent } from './lose-event.ts'

/** How a dialect words the blocks of a stream that it tells one after the other. */
export interface BlockWords {
  /** A block before anything is in it, or why it cannot be said. */
  readonly opening: (start: BlockStart) => JsonObject | string
  /** A delta, or why it cannot be said. */
  readonly delta: (start: BlockStart, event: BlockDelta) => JsonObject | string
  /** Told as what it is nearly: why that is not exact. */
  readonly approximation: (content: BlockOpening) => string | undefined
  /** The delta that stands in a thought which nobody signed; `undefined`: none has to. */
  readonly unsigned: (start: BlockStart) => JsonObject | undefined
  /** The delta that says that a call takes no arguments; `undefined`: its opening says so. */
  readonly noArguments: JsonObject | undefined
  /** A delta that would say nothing. */
  readonly isEmpty: (delta: JsonObject) => boolean
  /** Each with its frame; empty where there is none. */
  readonly openFrame: (index: number, opening: JsonObject) => string
  readonly deltaFrame: (index: number, delta: JsonObject) => string
  readonly stopFrame: (index: number) => string
}

/**
 * The blocks of a streamed message, in a dialect that tells them strictly one after the other. Where events of several blocks
 * come mixed (parallel calls of tools), the first one flows and the others wait until it has ended.
 */
export class BlockQueue {
  readonly #words: BlockWords
  /** In the order of their starts; the first one is being told. */
  readonly #open: OpenBlock[] = []
  #nextIndex = 0
  #waitingCharacters = 0

  constructor(words: BlockWords) {
    this.#words = words
  }

  /** @param isTold whether the block's opening stands on the wire already, in a frame that went out as it came. */
  start(event: BlockStart, losses: Losses, isTold: boolean): string {
    const words = this.#words.opening(event)
    if (typeof words === 'string') loseEvent(event, losses, words)
    const why = this.#words.approximation(event.content)
    if (why !== undefined) approximateEvent(event, losses, why)
    const block: OpenBlock = {
      start: event,
      words: typeof words === 'string' ? undefined : words,
      index: undefined,
      waiting: [],
      isSigned: false,
      hasArguments: false,
      hasEnded: false,
    }
    this.#open.push(block)
    return this.#open[0] === block && (isTold || !isLazy(block)) ? this.#openFrame(block) : ''
  }

  add(event: BlockDelta, losses: Losses): string {
    const block = this.#open.find(({ start }) => start.block === event.block)
    if (block === undefined) loseEvent(event, losses, 'it came after the end of its block')
    if (block?.words === undefined) return ''
    const words = this.#words.delta(block.start, event)
    if (typeof words === 'string') {
      loseEvent(event, losses, words)
      return ''
    }
    if (event.delta.kind === 'signature') block.isSigned = true
    if (event.delta.kind === 'arguments' && event.delta.text !== '') block.hasArguments = true
    if (this.#open[0] === block) return this.#deltaFrame(block, words)
    block.waiting.push(words)
    this.#waitingCharacters += sizeOf(event)
    if (this.#waitingCharacters > mostWaitingCharacters)
      throw new GatewayError(
        'upstream_invalid',
        'the provider mixed the parts of its answer beyond what can be put in order',
      )
    return ''
  }

  end(place: number): string {
    const block = this.#open.find(({ start }) => start.block === place)
    if (!block) return ''
    block.hasEnded = true
    return this.#advance()
  }

  endAll(): string {
    for (const block of this.#open) block.hasEnded = true
    return this.#advance()
  }

  /** Tells what has ended at the head of the queue, and what waited behind it. */
  #advance(): string {
    let text = ''
    while (this.#open[0]?.hasEnded) {
      text += this.#closeFrames(this.#open[0])
      this.#open.shift()
      const next = this.#open[0]
      if (!next) break
      if (!isLazy(next)) text += this.#openFrame(next)
      for (const words of next.waiting.splice(0)) text += this.#deltaFrame(next, words)
    }
    if (this.#open.length <= 1) this.#waitingCharacters = 0
    return text
  }

  /** Once a block, when there is something to tell in it. */
  #openFrame(block: OpenBlock): string {
    if (block.words === undefined || block.index !== undefined) return ''
    block.index = this.#nextIndex++
    return this.#words.openFrame(block.index, block.words)
  }

  #deltaFrame(block: OpenBlock, delta: JsonObject): string {
    if (this.#words.isEmpty(delta)) return ''
    const opened = this.#openFrame(block)
    return opened + this.#words.deltaFrame(block.index ?? 0, delta)
  }

  #closeFrames(block: OpenBlock): string {
    if (block.index === undefined) return ''
    const due = this.#dueAtEnd(block)
    return (due ? this.#deltaFrame(block, due) : '') + this.#words.stopFrame(block.index)
  }

  /** What a block must hold of which nobody has told it. */
  #dueAtEnd({ start, isSigned, hasArguments }: OpenBlock): JsonObject | undefined {
    const { kind } = start.content
    if (kind === 'thought' && !isSigned) return this.#words.unsigned(start)
    return kind === 'tool-use' && !hasArguments ? this.#words.noArguments : undefined
  }
}

interface OpenBlock {
  readonly start: BlockStart
  /** `undefined`: it cannot be said. */
  readonly words: JsonObject | undefined
  /** On the wire; `undefined` until it is told. */
  index: number | undefined
  /** Deltas that came before its turn. */
  readonly waiting: JsonObject[]
  isSigned: boolean
  hasArguments: boolean
  hasEnded: boolean
}

/** Beside the block that flows. The longest answer is some 128,000 tokens. */
export const mostWaitingCharacters = 8 * 1024 * 1024

/** An empty text would be refused when the client hands the answer back: such blocks are opened by their first delta. */
function isLazy({ start }: OpenBlock): boolean {
  const { kind } = start.content
  return kind === 'text' || kind === 'refusal' || kind === 'audio' || kind === 'thought'
}

function sizeOf({ delta }: BlockDelta): number {
  return delta.kind === 'arguments' || delta.kind === 'text' ? delta.text.length : JSON.stringify(delta).length
}
