/** An escape that may not be whole yet. */
const cutEscape = /\\(?:u[\da-fA-F]{0,3})?$/
const token = /\\(?:u([\da-fA-F]{4})|[^u])|["\n\r\t]/g

/**
 * JSON text that comes in pieces, with every escape that needs none written as the sign it stands for, ends of lines among them: what a
 * rule looks for must not hide behind escapes. Between strings a space stands for any other white space, so that an end of a line is
 * one within a string. The value that the text stands for stays the same once `json-text.ts` has written it.
 */
export class PlainEscapes {
  #rest = ''
  #isInString = false

  /** How much of an escape is held back. */
  get held(): number {
    return this.#rest.length
  }

  push(piece: string): string {
    const text = this.#rest + piece
    const until = cutEscapeAt(text)
    this.#rest = text.slice(until)
    return text.slice(0, until).replaceAll(token, (whole: string, digits: string | undefined) => {
      if (whole === '"') this.#isInString = !this.#isInString
      if (this.#isInString) return plain(whole, digits)
      return whole === '\n' || whole === '\r' || whole === '\t' ? ' ' : whole
    })
  }

  end(): string {
    const rest = this.#rest
    this.#rest = ''
    return rest
  }
}

/** Where an escape begins with which a text ends, and which may not be whole; the length of the text where none does. */
export function cutEscapeAt(text: string): number {
  const cut = cutEscape.exec(text.slice(-6))
  if (!cut) return text.length
  const at = Math.max(0, text.length - 6) + cut.index
  // Of strokes in a row every other one is a sign by itself.
  let strokes = 0
  while (text[at - strokes - 1] === '\\') strokes += 1
  return strokes % 2 === 0 ? at : text.length
}

const short: Readonly<Record<string, string>> = { '\\n': '\n', '\\r': '\r', '\\t': '\t', '\\/': '/' }

function plain(whole: string, digits: string | undefined): string {
  if (digits === undefined) return short[whole] ?? whole
  const code = Number.parseInt(digits, 16)
  const sign = String.fromCharCode(code)
  if (sign === '\n' || sign === '\r' || sign === '\t') return sign
  // Other controls, quotes and strokes must stay escaped; surrogates come in pairs.
  return code < 0x20 || code === 0x22 || code === 0x5c || (code >= 0xd800 && code <= 0xdfff) ? whole : sign
}
