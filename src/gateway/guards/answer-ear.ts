import type { JsonObject } from '../../canonical/json.ts'
import type { ChatTranslation } from '../../dialects/translation.ts'
import { textsOf, type Text } from '../../policies/guardrails/texts.ts'
import { placeInAnswer } from '../../policies/guardrails/answer-places.ts'
import { putTogether } from '../../policies/guardrails/texts-across.ts'
import type { HeardAnswer } from './guard-monitor.ts'
import { StreamTexts } from './stream-texts.ts'

/** Of one answer. What comes then is not kept. */
export const mostHeardBytes = 1024 * 1024

/**
 * Keeps what a provider answers, as it comes, for rules that look at it when it has gone: nothing is read, changed or held up on its way
 * to the client.
 */
export class AnswerEar implements HeardAnswer {
  readonly #translation: ChatTranslation | undefined
  readonly #frames: { readonly event: string; readonly data: Buffer }[] = []
  #whole: JsonObject | undefined
  #bytes = 0

  /** @param translation of the provider's dialect. `undefined`: it has none, and only whole answers can be read. */
  constructor(translation: ChatTranslation | undefined) {
    this.#translation = translation
  }

  /** How much is kept. */
  get bytes(): number {
    return this.#bytes
  }

  whole(body: JsonObject, bytes: number): void {
    if (bytes > mostHeardBytes) return
    this.#whole = body
    this.#bytes = bytes
  }

  frame(event: string, data: Buffer): void {
    if (!this.#translation || this.#bytes + data.length > mostHeardBytes) return
    // Whoever reads the network may use its buffer again.
    this.#frames.push({ event, data: Buffer.from(data) })
    this.#bytes += data.length
  }

  /** What was said, with what clients put together as one. Reads everything anew. */
  texts(): readonly Text[] {
    if (this.#whole) return putTogether(textsOf(this.#whole, placeInAnswer)).together
    return this.#translation ? this.#streamed(this.#translation) : []
  }

  #streamed(translation: ChatTranslation): readonly Text[] {
    const texts = new StreamTexts(mostHeardBytes)
    const reader = translation.openEvents()
    for (const { event, data } of this.#frames) for (const told of reader.read(event, data).events) texts.add(told)
    return texts.all
  }
}
