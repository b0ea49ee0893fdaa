/** A word in pieces of up to eight letters, or a sign, each with the white space before it; or white space at the end. */
const piece = /\s*[\p{L}\p{N}_]{1,8}|\s*[^\s\p{L}\p{N}_]|\s+/gu

/** Cuts a text into the simulated provider's tokens. Joined, they are the text again. No token is empty. */
export function tokensOf(text: string): readonly string[] {
  return text.match(piece) ?? []
}

/** The same measure for input and output. */
export function countTokens(text: string): number {
  return tokensOf(text).length
}
