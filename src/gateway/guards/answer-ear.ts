import type { TextPlace } from '../../canonical/guardrail.ts'
import type { BlockOpening } from '../../canonical/event.ts'
import type { JsonObject } from '../../canonical/json.ts'
import type { ChatTranslation } from '../../dialects/translation.ts'
import { textsOf, type Text } from '../../policies/guardrails/texts.ts'
import { placeInAnswer } from '../../policies/guardrails/answer-places.ts'
import { placeOfBlock } from './guard-answer.ts'
import type { HeardAnswer } from './guard-monitor.ts'

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

  /** What was said, each block of each choice by itself. Reads everything anew. */
  texts(): readonly Text[] {
    if (this.#whole) return textsOf(this.#whole, placeInAnswer)
    return this.#translation ? this.#streamed(this.#translation) : []
  }

  #streamed(translation: ChatTranslation): readonly Text[] {
    const said = new Map<string, { place: TextPlace; text: string }>()
    const blockAt = (path: string, kind: BlockOpening['kind'] | undefined) => {
      const known = said.get(path)
      if (known) return known
      const opened = { place: (kind && placeOfBlock[kind]) ?? 'assistant', text: '' }
      said.set(path, opened)
      return opened
    }
    const reader = translation.openEvents()
    for (const { event, data } of this.#frames)
      for (const told of reader.read(event, data).events) {
        if (told.kind === 'block-start') blockAt(`${told.choice}/${told.block}`, told.content.kind)
        if (told.kind === 'block-delta' && (told.delta.kind === 'text' || told.delta.kind === 'arguments'))
          blockAt(`${told.choice}/${told.block}`, told.delta.kind === 'arguments' ? 'tool-use' : undefined).text +=
            told.delta.text
      }
    return Array.from(said, ([path, { place, text }]) => ({
      path,
      place,
      text,
      isJsonText: place === 'tool-arguments',
    }))
  }
}
