/** An escape that may not be whole yet. */
const cutEscape = /\\(?:u[\da-fA-F]{0,3})?$/
const escape = /\\(?:u([\da-fA-F]{4})|[^u])/g

/**
 * JSON text that comes in pieces, with every `\u0040` that needs none written as the sign it stands for: what a rule looks for must
 * not hide behind escapes. The value that the text stands for stays the same.
 */
export class PlainEscapes {
  #rest = ''

  /** How much of an escape is held back. */
  get held(): number {
    return this.#rest.length
  }

  push(piece: string): string {
    const text = this.#rest + piece
    const cut = cutEscape.exec(text)
    // An even number of strokes before it: the last one is a sign by itself.
    const strokes = cut ? (/\\*$/.exec(text.slice(0, cut.index))?.[0].length ?? 0) : 0
    const until = cut && strokes % 2 === 0 ? cut.index : text.length
    this.#rest = text.slice(until)
    return text.slice(0, until).replaceAll(escape, plain)
  }

  end(): string {
    const rest = this.#rest
    this.#rest = ''
    return rest
  }
}

function plain(whole: string, digits: string | undefined): string {
  if (digits === undefined) return whole
  const code = Number.parseInt(digits, 16)
  // Controls, quotes and strokes must stay escaped; surrogates come in pairs.
  return code < 0x20 || code === 0x22 || code === 0x5c || (code >= 0xd800 && code <= 0xdfff)
    ? whole
    : String.fromCharCode(code)
}
