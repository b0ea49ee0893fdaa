import type { HeardFrame } from '../../canonical/event.ts'
import type { AskedRule } from '../../policies/guardrails/external/verdict.ts'
import type { Text } from '../../policies/guardrails/texts.ts'
import { asAsked } from './ask-input.ts'
import { StreamTexts } from './stream-texts.ts'

/** So much of a stream is kept for those who look at it afterwards. Of more there is no verdict. */
export const mostKeptLength = 4 * 1_024 * 1_024

/** The texts of a stream, kept for rules that look at it when it has gone. */
export class FinishedTexts {
  readonly #rules: readonly AskedRule[]
  readonly #texts = new StreamTexts(mostKeptLength)

  constructor(rules: readonly AskedRule[]) {
    this.#rules = rules
  }

  hear(frame: HeardFrame): void {
    if (this.#rules.length > 0) for (const event of frame.events) this.#texts.add(event)
  }

  /** What is to be asked of whom, and the rules for which it was too long. */
  take(): {
    readonly rules: readonly AskedRule[]
    readonly tooLong: readonly AskedRule[]
    readonly texts: readonly Text[]
  } {
    const { isTooLong, all } = this.#texts
    return {
      rules: isTooLong ? [] : this.#rules,
      tooLong: isTooLong ? this.#rules : [],
      texts: all.map(asAsked),
    }
  }
}
