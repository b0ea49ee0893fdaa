/**
 * An encrypted thought stands in JSON as base64 of bytes, which are the text that Anthropic's own API has for it (recorded 2026).
 * @returns `undefined` for bytes that are no text: they can only be kept as they are.
 */
export function redactedText(base64: string): string | undefined {
  const text = Buffer.from(base64, 'base64').toString('utf8')
  return redactedBytes(text) === base64 ? text : undefined
}

export function redactedBytes(text: string): string {
  return Buffer.from(text).toString('base64')
}
