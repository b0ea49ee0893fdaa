/**
 * Money inside the house: integer nano-dollars (1 USD = 1,000,000,000). Never a float: a million additions of 0.000001
 * make 1.000000000007918 in doubles (failures.md M16).
 */
export type Nanos = bigint

const nanosPerUsd = 1_000_000_000n
const decimalUsd = /^(-?)(\d{1,12})(?:\.(\d{1,18}))?$/

/**
 * Reads a decimal string of dollars, exactly.
 * @param scale how many units make one dollar, a power of ten. The default gives nano-dollars.
 * @returns `undefined` when the string is no plain decimal, or has more digits than the scale can hold.
 */
export function readUsd(text: string, scale: bigint = nanosPerUsd): bigint | undefined {
  const match = decimalUsd.exec(text)
  if (!match) return undefined
  const [, sign = '', whole = '0', fraction = ''] = match
  const digits = scale.toString().length - 1
  const kept = fraction.slice(0, digits).padEnd(digits, '0')
  if (/[1-9]/.test(fraction.slice(digits))) return undefined
  const amount = BigInt(whole) * scale + BigInt(kept || '0')
  return sign ? -amount : amount
}

/** Writes nano-dollars as a decimal string of dollars with nine places, such as `0.000123000`. */
export function writeUsd(nanos: Nanos): string {
  const magnitude = nanos < 0n ? -nanos : nanos
  const fraction = (magnitude % nanosPerUsd).toString().padStart(9, '0')
  return `${nanos < 0n ? '-' : ''}${magnitude / nanosPerUsd}.${fraction}`
}
