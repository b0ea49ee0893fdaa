import type { Detector } from './detect/detector.ts'

/** `[EMAIL]`, `[PRIVATE_KEY]`: what takes the place of what was found. */
export function placeholderOf(kind: string): string {
  return `[${kind.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}]`
}

/** No exchange masks more; what comes after is redacted. */
const mostMasks = 10_000
const mask = /\[[A-Z][A-Z0-9_]{0,62}_\d{1,5}\]/g
const liveMask = /\[(?:[A-Z][A-Z0-9_]{0,68})?$/

/**
 * What was masked in one exchange, so that its answer can have it back. Kept in memory only, and only for the exchange. The same text
 * has the same placeholder, so that a model can tell who is who.
 */
export class Masks {
  readonly #originals = new Map<string, string>()
  readonly #placeholders = new Map<string, string>()
  readonly #counts = new Map<string, number>()
  readonly #tag: string

  /** @param tag keeps its placeholders apart from those of earlier exchanges, where a model is shown both: capitals and digits. */
  constructor(tag = '') {
    this.#tag = tag === '' ? '' : `_${tag}`
  }

  get isEmpty(): boolean {
    return this.#originals.size === 0
  }

  placeholderFor(kind: string, found: string): string {
    const known = this.#placeholders.get(`${kind} ${found}`)
    if (known !== undefined) return known
    if (this.#originals.size >= mostMasks) return placeholderOf(kind)
    const number = (this.#counts.get(kind) ?? 0) + 1
    this.#counts.set(kind, number)
    const made = placeholderOf(kind).replace(/\]$/, `${this.#tag}_${number}]`)
    this.#originals.set(made, found)
    this.#placeholders.set(`${kind} ${found}`, made)
    return made
  }

  originalOf(placeholder: string): string | undefined {
    return this.#originals.get(placeholder)
  }

  /** Finds the placeholders of this exchange in an answer. */
  readonly detector: Detector = {
    kind: 'mask',
    find: (text) => {
      if (!text.includes('[')) return []
      return [...text.matchAll(mask)]
        .filter(([found]) => this.#originals.has(found))
        .map(({ index, 0: found }) => ({ kind: 'mask', start: index, end: index + found.length }))
    },
    liveFrom: (text) => {
      const from = Math.max(0, text.length - 72)
      const match = liveMask.exec(text.slice(from))
      return match ? from + match.index : text.length
    },
  }
}
