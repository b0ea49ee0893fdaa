import { applyEdits, type Edit } from './judge-text.ts'

/**
 * JSON text as rules see it (`plain-escapes.ts`): a line's end is one within a string only. Follows where strings begin and end, across
 * the pieces of a text.
 */
export class JsonStrings {
  #isInside = false
  #isEscaped = false

  get isInside(): boolean {
    return this.#isInside
  }

  follow(text: string): void {
    for (const sign of text) {
      if (this.#isEscaped) this.#isEscaped = false
      else if (sign === '\\') this.#isEscaped = this.#isInside
      else if (sign === '"') this.#isInside = !this.#isInside
    }
  }
}

/**
 * The text with each edit's place written anew, as JSON text that is as valid as it was: what takes the place of a number is a string.
 * @param text as `plain-escapes.ts` leaves it.
 * @param strings where the text begins; it is led on to where it ends.
 */
export function applyJsonEdits(
  text: string,
  edits: readonly Edit[],
  write: (edit: Edit, found: string) => string,
  strings: JsonStrings,
): string {
  return withEscapes(applyQuotedEdits(text, edits, write, strings))
}

/** The same in JSON text as it is written, escapes and all. */
export function applyQuotedEdits(
  text: string,
  edits: readonly Edit[],
  write: (edit: Edit, found: string) => string,
  strings: JsonStrings,
): string {
  let from = 0
  const written = applyEdits(
    text,
    edits.map((edit) => afterEscape(text, edit)),
    (edit, found) => {
      strings.follow(text.slice(from, edit.start))
      const begins = strings.isInside ? '' : '"'
      strings.follow(found)
      from = edit.end
      // What a guard put in its place is JSON text already.
      if (edit.written !== undefined) return edit.written
      return begins + JSON.stringify(write(edit, found)).slice(1, -1) + (strings.isInside ? '' : '"')
    },
  )
  strings.follow(text.slice(from))
  return written
}

/** `\ud83d` before an address is an escape, and its letters are no part of it. Twice is the same as once. */
export function afterEscape(text: string, edit: Edit): Edit {
  const [, slashes = ''] = /(\\*)$/.exec(text.slice(Math.max(0, edit.start - 64), edit.start)) ?? []
  if (slashes.length % 2 === 0) return edit
  const length = text[edit.start] === 'u' ? 5 : 1
  return { ...edit, start: Math.min(edit.start + length, edit.end) }
}

function withEscapes(text: string): string {
  return text.replaceAll(/[\n\r\t]/g, (sign) => JSON.stringify(sign).slice(1, -1))
}
