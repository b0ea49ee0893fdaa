const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** The largest multiple of 62 in a byte: bytes from here on are drawn again, since they would favour the first letters. */
const evenLimit = 256 - (256 % alphabet.length)
const drawBytes = 64
/** Each draw gives at least some letters but for a broken source of randomness. */
const drawLimit = 64

/** Cryptographic randomness, handed in: `randomBytes` of node:crypto. */
export type RandomBytes = (count: number) => Buffer

/** Letters and digits, each equally likely: 5.95 bits apiece. */
export function randomBase62(length: number, randomBytes: RandomBytes): string {
  let text = ''
  for (let draw = 0; draw < drawLimit; draw += 1) {
    for (const byte of randomBytes(drawBytes)) {
      if (byte < evenLimit) text += alphabet.charAt(byte % alphabet.length)
      if (text.length === length) return text
    }
  }
  throw new Error('the source of randomness gives no usable bytes')
}

/** A whole number from 0 in exactly `width` digits, zeros first. */
export function toBase62(number: number, width: number): string {
  let text = ''
  for (let rest = number; text.length < width; rest = Math.floor(rest / alphabet.length)) {
    text = alphabet.charAt(rest % alphabet.length) + text
  }
  return text
}
