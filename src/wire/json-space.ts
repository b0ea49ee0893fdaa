/** The offset of the next byte that is no space between JSON tokens. */
export function skipSpace(latin1: string, from: number): number {
  let position = from
  while (isSpace(latin1.charCodeAt(position))) position++
  return position
}

/** RFC 8259, section 2: the four characters that may stand between tokens. */
export function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
}
