import type { JsonScan } from './json-scan.ts'

/**
 * Takes top-level members out of the bytes of a JSON object, each with one comma. Every other byte stays as it was.
 * @param scan the scan of these very bytes, of which the caller knows that they are a JSON object.
 * @returns the same buffer when it has none of them.
 */
export function withoutMembers(bytes: Buffer, scan: JsonScan, keys: readonly string[]): Buffer {
  const { members, closingBrace } = scan
  if (closingBrace === -1) throw new TypeError('only a JSON object has members')
  if (!members.some(({ key }) => keys.includes(key))) return bytes
  // A member reaches from the end of the one before it to its own end, so that all but the first begin with a comma.
  let from = bytes.indexOf(openBrace) + 1
  const kept: Buffer[] = [bytes.subarray(0, from)]
  let isFirst = true
  for (const [place, { key, valueEnd }] of members.entries()) {
    if (!keys.includes(key)) {
      const start = isFirst && place > 0 ? bytes.indexOf(comma, from) + 1 : from
      kept.push(bytes.subarray(start, valueEnd))
      isFirst = false
    }
    from = valueEnd
  }
  kept.push(bytes.subarray(from))
  return Buffer.concat(kept)
}

const openBrace = 0x7b
const comma = 0x2c
