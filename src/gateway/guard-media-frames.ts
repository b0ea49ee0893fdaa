import type { ReplyEvent } from '../canonical/event.ts'
import { GatewayError } from '../canonical/error.ts'
import { isJsonObject, type Json, type JsonObject } from '../canonical/json.ts'
import { Losses, type Loss } from '../canonical/loss.ts'
import { isEventName, writeSse } from '../wire/sse-write.ts'
import { guardWhole, StreamGuard } from './guard-answer.ts'
import type { AnswerRules } from './guard-input.ts'
import { readJson } from './read-json.ts'
import { SaidTexts } from './said-texts.ts'
import type { AnswerTranslator } from './translate-answer.ts'

/** A transcript is said again whole at its end, and kept until then. That of a day of speech is shorter. */
const longestTranscript = 4_194_304

/**
 * Answers of operations other than chats, in their own dialect, with guardrails that look at them. Of a stream of OpenAI's (transcripts,
 * pictures, speech: API description 2.3.0, 2026-08) the pieces of a text have a window, and every other event is looked at by itself.
 */
export class GuardedMedia implements AnswerTranslator {
  readonly #answer: AnswerRules
  readonly #losses = new Losses()
  readonly #window: StreamGuard
  readonly #said = new SaidTexts()
  #shown = ''
  /** The last piece, whose event the rest of the text is told in. */
  #lastPiece: { readonly event: string; readonly said: JsonObject } | undefined

  constructor(answer: AnswerRules) {
    this.#answer = answer
    this.#window = new StreamGuard(answer, this.#losses)
  }

  whole(body: JsonObject): Buffer {
    return Buffer.from(JSON.stringify(guardWhole(body, this.#answer)))
  }

  text(body: Buffer): Buffer {
    const { text } = guardWhole({ text: body.toString('utf8') }, this.#answer)
    return typeof text === 'string' ? Buffer.from(text) : body
  }

  frame(event: string, data: Buffer): Buffer | undefined {
    const said = readJson(data)
    if (!isJsonObject(said)) return frameOf(event, guardWhole({ data: data.toString() }, this.#answer)['data'] ?? '')
    const { delta, ...others } = said
    if (typeof delta !== 'string' || delta === '') {
      const rest = this.#rest()
      const told = frameOf(event, this.#guarded(this.#withoutOdds(said)))
      return rest ? Buffer.concat([rest, told]) : told
    }
    const piece: ReplyEvent = { kind: 'block-delta', choice: 0, block: 0, delta: { kind: 'text', text: delta } }
    this.#said.add([piece])
    this.#lastPiece = { event, said: this.#withoutOdds(others) }
    return this.#told(this.#window.frame({ events: [piece], wire: undefined }).events)
  }

  ending(): Buffer {
    return this.#rest() ?? Buffer.alloc(0)
  }

  losses(): readonly Loss[] {
    return this.#losses.list()
  }

  /** What was held back, before anything else is said. */
  #rest(): Buffer | undefined {
    if (!this.#lastPiece) return undefined
    const end: ReplyEvent = { kind: 'block-end', choice: 0, block: 0 }
    return this.#told(this.#window.frame({ events: [end], wire: undefined }).events)
  }

  #told(events: readonly ReplyEvent[]): Buffer | undefined {
    const text = events
      .map((event) => (event.kind === 'block-delta' && event.delta.kind === 'text' ? event.delta.text : ''))
      .join('')
    if (text === '' || !this.#lastPiece) return undefined
    const { event, said } = this.#lastPiece
    this.#shown += text
    if (this.#shown.length > longestTranscript)
      throw new GatewayError('upstream_invalid', 'the text is longer than what can be told again at its end')
    return frameOf(event, guardWhole({ ...said, delta: '' }, this.#answer), text)
  }

  /** What was told in pieces is told again as it was shown. */
  #guarded(said: JsonObject): JsonObject {
    const { text, ...others } = said
    if (typeof text !== 'string' || !this.#said.has(text)) return guardWhole(said, this.#answer)
    return { ...guardWhole(others, this.#answer), text: this.#shown }
  }

  /** The tokens of what is held back would tell it. */
  #withoutOdds(said: JsonObject): JsonObject {
    if (!('logprobs' in said)) return said
    const { logprobs: _, ...others } = said
    this.#losses.note('logprobs', 'lost', 'a guardrail looks at the answer, and they would tell what is held back')
    return others
  }
}

function frameOf(event: string, said: Json, delta?: string): Buffer {
  const value = delta !== undefined && isJsonObject(said) ? { ...said, delta } : said
  const data = typeof value === 'string' ? value : JSON.stringify(value)
  return Buffer.from(writeSse(isEventName(event) ? event : undefined, data))
}
