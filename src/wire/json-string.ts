/**
 * The offset of the quote that closes a JSON string, or -1 when none does. Strings are the bulk of a body, so they are
 * searched, not walked.
 * @param start the offset after the opening quote.
 */
export function closingQuote(text: string, start: number): number {
  let close = text.indexOf('"', start)
  while (close !== -1 && text.charCodeAt(close - 1) === backslash) {
    // An odd number of backslashes escapes the quote. The string's own opening quote ends the count.
    let before = close - 2
    while (text.charCodeAt(before) === backslash) before--
    if ((close - before) % 2 === 1) return close
    close = text.indexOf('"', close + 1)
  }
  return close
}

const backslash = 0x5c
