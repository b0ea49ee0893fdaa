import type { HeardFrame } from '../../canonical/event.ts'
import type { TextPlace } from '../../canonical/guardrail.ts'
import type { AskedRule } from '../../policies/guardrails/external/verdict.ts'
import type { Text } from '../../policies/guardrails/texts.ts'
import { asAsked } from './ask-input.ts'
import { placeOfBlock } from './guard-answer.ts'

/** So much of a stream is kept for those who look at it afterwards. Of more there is no verdict. */
export const mostKeptLength = 4 * 1_024 * 1_024

/** The texts of a stream, kept for rules that look at it when it has gone. */
export class FinishedTexts {
  readonly #rules: readonly AskedRule[]
  readonly #texts = new Map<string, { readonly place: TextPlace; readonly pieces: string[] }>()
  #length = 0

  constructor(rules: readonly AskedRule[]) {
    this.#rules = rules
  }

  hear(frame: HeardFrame): void {
    if (this.#rules.length === 0) return
    for (const event of frame.events) {
      if (event.kind === 'block-start')
        this.#textAt(`${event.choice}/${event.block}`, placeOfBlock[event.content.kind] ?? 'assistant')
      if (event.kind !== 'block-delta' || (event.delta.kind !== 'text' && event.delta.kind !== 'arguments')) continue
      const { kind, text } = event.delta
      this.#length += text.length
      if (this.#length > mostKeptLength) continue
      const place = kind === 'arguments' ? 'tool-arguments' : 'assistant'
      this.#textAt(`${event.choice}/${event.block}`, place).pieces.push(text)
    }
  }

  /** What is to be asked of whom, and the rules for which it was too long. */
  take(): {
    readonly rules: readonly AskedRule[]
    readonly tooLong: readonly AskedRule[]
    readonly texts: readonly Text[]
  } {
    const isTooLong = this.#length > mostKeptLength
    return {
      rules: isTooLong ? [] : this.#rules,
      tooLong: isTooLong ? this.#rules : [],
      texts: [...this.#texts]
        .map(([path, { place, pieces }]) => ({
          path,
          place,
          text: pieces.join(''),
          isJsonText: place === 'tool-arguments',
        }))
        .map(asAsked),
    }
  }

  #textAt(path: string, place: TextPlace): { readonly pieces: string[] } {
    const known = this.#texts.get(path)
    if (known) return known
    const made = { place, pieces: [] }
    this.#texts.set(path, made)
    return made
  }
}
