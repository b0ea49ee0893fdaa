import type { BlockDelta, BlockStart } from '../../../canonical/event.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { approximateEvent, loseEvent } from '../../shared/translation/lose-event.ts'
import { inputOf } from '../../shared/translation/tool-input.ts'
import { approximationOf, deltaWords, openingWords, unsignedMark } from './answer-words.ts'
import { thoughtWords } from './write-blocks.ts'

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
    const words = deltaWords(this.#start, event)
    if (typeof words === 'string') return loseEvent(event, this.#losses, words)
    const { delta } = event
    if (delta.kind === 'text') this.#text += delta.text
    if (delta.kind === 'arguments') this.#argumentsText += delta.text
    if (delta.kind === 'signature') this.#signature += delta.signature
    if (delta.kind === 'citation') this.#citations.push(delta.citation)
  }

  /** The block as a body holds it; `undefined` when it cannot be said or says nothing. */
  whole(): JsonObject | undefined {
    const words = this.#words
    const { content } = this.#start
    if (words === undefined) return undefined
    switch (content.kind) {
      case 'text':
      case 'refusal':
      case 'audio':
        if (this.#citations.length > 0)
          return { citationsContent: { content: [{ text: this.#text }], citations: this.#citations } }
        // An empty text would be refused when the client hands the answer back.
        return this.#text === '' ? undefined : { text: this.#text }
      case 'thought':
        if (this.#text === '' && this.#signature === '') return undefined
        return { reasoningContent: thoughtWords(this.#text, this.#signature || unsignedMark(this.#start), undefined) }
      case 'tool-use':
        return { toolUse: { ...(isJsonObject(words['toolUse']) && words['toolUse']), input: this.#input() } }
      default:
        return words
    }
  }

  #input(): JsonObject {
    const { input, isExact } = inputOf(this.#argumentsText)
    if (!isExact)
      approximateEvent(this.#start, this.#losses, 'its arguments are no JSON object: told as the text they are')
    return input
  }
}
