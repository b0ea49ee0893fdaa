import type { TextPlace } from '../../canonical/guardrail.ts'
import type { BlockOpening, OfBlock, ReplyEvent } from '../../canonical/event.ts'
import { textAt, type Text } from '../../policies/guardrails/texts.ts'
import { channelOf, placeOfBlock } from './channel.ts'

/** The texts of a stream, put together from their pieces as a client may do it (`channelOf`). */
export class StreamTexts {
  readonly #texts = new Map<string, StreamText>()
  readonly #blocks = new Map<string, StreamText>()
  readonly #mostLength: number
  #length = 0

  /** @param mostLength of all texts, in UTF-16 units. Pieces that would make them longer are counted and not kept. */
  constructor(mostLength: number) {
    this.#mostLength = mostLength
  }

  add(event: ReplyEvent): void {
    if (event.kind === 'block-start') this.#textIn(event, event.content.kind)
    if (event.kind !== 'block-delta' || (event.delta.kind !== 'text' && event.delta.kind !== 'arguments')) return
    const { kind, text } = event.delta
    this.#length += text.length
    if (!this.isTooLong) this.#textIn(event, kind === 'arguments' ? 'tool-use' : 'text').pieces.push(text)
  }

  get isTooLong(): boolean {
    return this.#length > this.#mostLength
  }

  /** By the path of the block in which each began. */
  get all(): readonly Text[] {
    return Array.from(this.#texts.values(), ({ path, place, pieces }) => textAt(pieces.join(''), path, place))
  }

  #textIn({ choice, block }: OfBlock, kind: BlockOpening['kind']): StreamText {
    const path = `${choice}/${block}`
    const known = this.#blocks.get(path)
    if (known) return known
    const key = channelOf(choice, block, kind)
    const text = this.#texts.get(key) ?? { path, place: placeOfBlock[kind] ?? 'assistant', pieces: [] }
    this.#texts.set(key, text)
    this.#blocks.set(path, text)
    return text
  }
}

interface StreamText {
  readonly path: string
  readonly place: TextPlace
  readonly pieces: string[]
}
