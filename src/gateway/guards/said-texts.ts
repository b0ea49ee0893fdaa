import type { ReplyEvent } from '../../canonical/event.ts'

/** Of more paragraphs of one thought, the rest count as one. */
const mostParts = 1_000

/** The texts that came in pieces, as far as they have come, so that they are known where they are said again. */
export class SaidTexts {
  readonly #texts = new Map<string, Running>()

  add(events: readonly ReplyEvent[]): void {
    for (const event of events) {
      if (event.kind !== 'block-delta' || (event.delta.kind !== 'text' && event.delta.kind !== 'arguments')) continue
      const place = `${event.choice}/${event.block}`
      let running = this.#texts.get(place)
      if (!running) this.#texts.set(place, (running = { whole: new Fingerprint(), parts: [new Fingerprint()] }))
      running.whole.add(event.delta.text)
      // Paragraphs of a thought are said again one by one.
      if (event.delta.text !== '\n\n') running.parts.at(-1)?.add(event.delta.text)
      else if (running.parts.length < mostParts) running.parts.push(new Fingerprint())
    }
  }

  has(text: string): boolean {
    for (const { whole, parts } of this.#texts.values())
      if (whole.isOf(text) || parts.some((part) => part.isOf(text))) return true
    return false
  }
}

interface Running {
  readonly whole: Fingerprint
  readonly parts: Fingerprint[]
}

/** Length and hash (FNV-1a, public domain) of a text that comes in pieces. */
class Fingerprint {
  #length = 0
  #hash = 0x811c9dc5

  add(piece: string): void {
    this.#length += piece.length
    for (let place = 0; place < piece.length; place += 1)
      this.#hash = Math.imul(this.#hash ^ piece.charCodeAt(place), 0x01000193)
  }

  isOf(text: string): boolean {
    if (text.length !== this.#length) return false
    return fingerprintOf(text) === this.toString()
  }

  toString(): string {
    return `${this.#length}:${this.#hash >>> 0}`
  }
}

export function fingerprintOf(text: string): string {
  const whole = new Fingerprint()
  whole.add(text)
  return whole.toString()
}
