import type { BlockDelta, BlockStart } from '../../../canonical/event.ts'
import { GatewayError } from '../../../canonical/error.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { unsignedMark } from '../unsigned-thoughts.ts'
import { approximateEvent, loseEvent } from '../../lose-event.ts'
import { approximationOf, deltaWords, openingWords } from './answer-words.ts'
import { frameText } from './frame-text.ts'
import { isOwn } from './own.ts'

/**
 * The blocks of a streamed message, which this dialect tells strictly one after the other. Where events of several blocks
 * come mixed (parallel calls of tools), the first one flows and the others wait until it has ended.
 */
export class BlockQueue {
  readonly #requestId: string
  /** In the order of their starts; the first one is being told. */
  readonly #open: OpenBlock[] = []
  #nextIndex = 0
  #waitingCharacters = 0

  constructor(requestId: string) {
    this.#requestId = requestId
  }

  /** @param isTold whether the block's opening stands on the wire already, in a frame that went out as it came. */
  start(event: BlockStart, losses: Losses, isTold: boolean): string {
    const words = openingWords(event, this.#requestId)
    if (typeof words === 'string') loseEvent(event, losses, words)
    const why = approximationOf(event.content)
    if (why !== undefined) approximateEvent(event, losses, why)
    const block: OpenBlock = {
      start: event,
      words: typeof words === 'string' ? undefined : words,
      index: undefined,
      waiting: [],
      isSigned: false,
      hasEnded: false,
    }
    this.#open.push(block)
    return this.#open[0] === block && (isTold || !isLazy(block)) ? this.#openFrame(block) : ''
  }

  add(event: BlockDelta, losses: Losses): string {
    const block = this.#open.find(({ start }) => start.block === event.block)
    if (block?.words === undefined) return ''
    const words = deltaWords(block.start.content, event.delta, isOwn(event))
    if (typeof words === 'string') {
      loseEvent(event, losses, words)
      return ''
    }
    if (event.delta.kind === 'signature') block.isSigned = true
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
    return frameText('content_block_start', { index: block.index, content_block: block.words })
  }

  #deltaFrame(block: OpenBlock, delta: JsonObject): string {
    if (isEmpty(delta)) return ''
    const opened = this.#openFrame(block)
    return opened + frameText('content_block_delta', { index: block.index ?? 0, delta })
  }

  #closeFrames(block: OpenBlock): string {
    if (block.index === undefined) return ''
    const isUnsigned = block.start.content.kind === 'thought' && !block.isSigned
    const signature = isUnsigned ? this.#deltaFrame(block, { type: 'signature_delta', signature: unsignedMark }) : ''
    return signature + frameText('content_block_stop', { index: block.index })
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
  hasEnded: boolean
}

/** Beside the block that flows. The longest answer is some 128,000 tokens. */
const mostWaitingCharacters = 8 * 1024 * 1024

/** An empty text would be refused when the client hands the answer back: such blocks are opened by their first delta. */
function isLazy({ start }: OpenBlock): boolean {
  const { kind } = start.content
  return kind === 'text' || kind === 'refusal' || kind === 'audio' || kind === 'thought'
}

function isEmpty(delta: JsonObject): boolean {
  return delta['text'] === '' || delta['thinking'] === '' || delta['partial_json'] === ''
}

function sizeOf({ delta }: BlockDelta): number {
  return delta.kind === 'arguments' || delta.kind === 'text' ? delta.text.length : JSON.stringify(delta).length
}
