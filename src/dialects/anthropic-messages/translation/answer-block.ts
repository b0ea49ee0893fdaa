import type { BlockDelta, BlockStart } from '../../../canonical/event.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { unsignedMark } from '../unsigned-thoughts.ts'
import { approximateEvent, loseEvent } from '../../shared/translation/lose-event.ts'
import { approximationOf, deltaWords, openingWords } from './answer-words.ts'
import { isOwn } from './own.ts'
import { inputOf } from '../../shared/translation/tool-input.ts'

/** One block of an answer on its way from events to a body. */
export class AnswerBlock {
  readonly #start: BlockStart
  readonly #losses: Losses
  /** `undefined`: it cannot be said. */
  readonly #words: JsonObject | undefined
  #text = ''
  #argumentsText = ''
  #signature = ''
  readonly #citations: Json[] = []
  readonly #opaque: JsonObject[] = []

  constructor(start: BlockStart, losses: Losses, requestId: string) {
    const words = openingWords(start, requestId)
    this.#start = start
    this.#losses = losses
    this.#words = typeof words === 'string' ? undefined : words
    if (typeof words === 'string') loseEvent(start, losses, words)
    const why = approximationOf(start.content)
    if (why !== undefined) approximateEvent(start, losses, why)
  }

  add(event: BlockDelta): void {
    if (this.#words === undefined) return
    const words = deltaWords(this.#start.content, event.delta, isOwn(event))
    if (typeof words === 'string') return loseEvent(event, this.#losses, words)
    const { delta } = event
    switch (delta.kind) {
      case 'text':
        this.#text += delta.text
        return
      case 'arguments':
        this.#argumentsText += delta.text
        return
      case 'signature':
        this.#signature += delta.signature
        return
      case 'citation':
        this.#citations.push(delta.citation)
        return
      default:
        this.#opaque.push(words)
    }
  }

  /** The block as a body holds it; `undefined` when it cannot be said or says nothing. */
  whole(): JsonObject | undefined {
    const words = this.#words
    if (words === undefined) return undefined
    switch (this.#start.content.kind) {
      case 'text':
      case 'refusal':
      case 'audio':
        // An empty text would be refused when the client hands the answer back.
        if (this.#text === '' && this.#citations.length === 0) return undefined
        return { ...words, text: this.#text, ...(this.#citations.length > 0 && { citations: this.#citations }) }
      case 'thought':
        if (this.#text === '' && this.#signature === '') return undefined
        return { ...words, thinking: this.#text, signature: this.#signature || unsignedMark }
      case 'tool-use':
        return { ...words, input: this.#input() }
      default:
        return this.#opaque.reduce(withOpaque, words)
    }
  }

  #input(): JsonObject {
    const { input, isExact } = inputOf(this.#argumentsText)
    if (!isExact)
      approximateEvent(this.#start, this.#losses, 'its arguments are no JSON object: told as the text they are')
    return input
  }
}

/** What a delta of an unknown kind brought: texts go on, anything else is replaced. */
function withOpaque(block: JsonObject, delta: JsonObject): JsonObject {
  const members = Object.entries(delta).filter(([key]) => key !== 'type')
  const grown = members.map(([key, value]): [string, Json] => {
    const before = block[key]
    return [key, typeof before === 'string' && typeof value === 'string' ? before + value : value]
  })
  return { ...block, ...Object.fromEntries(grown) }
}
