/**
 * Text as an HTTP header may carry it: what is not visible ASCII, and the percent sign itself, is percent-encoded as UTF-8.
 * Behind a wildcard a client chooses the model's name; Node refuses to send a header with a character beyond Latin-1, and
 * by then the provider has been paid.
 */
export function headerText(text: string): string {
  return plain.test(text) ? text : text.replace(unsafe, encoded)
}

const plain = /^[\x21-\x24\x26-\x7e]*$/
const unsafe = /[^\x21-\x24\x26-\x7e]/gu

function encoded(character: string): string {
  // A lone half of a surrogate pair has no UTF-8; it becomes the replacement character.
  return encodeURIComponent(character.toWellFormed())
}
