/**
 * CRC-32C (Castagnoli) of a stretch of bytes. Not `zlib.crc32`: that is gzip's polynomial, while the spool's format names
 * Castagnoli's, which finds more of the short bursts of errors that disks make.
 * @source RFC 3720, section 12.1 and the vectors of its appendix B.4.
 */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let crc = -1
  let at = start
  // Four bytes a step: the serving thread pays for this twice per exchange.
  for (const last = end - 3; at < last; at += 4) {
    crc ^=
      byteAt(bytes, at) | (byteAt(bytes, at + 1) << 8) | (byteAt(bytes, at + 2) << 16) | (byteAt(bytes, at + 3) << 24)
    crc =
      tableAt(768 + (crc & 0xff)) ^
      tableAt(512 + ((crc >>> 8) & 0xff)) ^
      tableAt(256 + ((crc >>> 16) & 0xff)) ^
      tableAt(crc >>> 24)
  }
  for (; at < end; at += 1) crc = (crc >>> 8) ^ tableAt((crc ^ byteAt(bytes, at)) & 0xff)
  return ~crc >>> 0
}

// The indexes are in range by construction; a check for `undefined` on each byte doubles the cost.
const byteAt = (bytes: Uint8Array, at: number): number => bytes[at] as number
const tableAt = (at: number): number => tables[at] as number

/** Four tables of 256: the nth tells what a byte does to the checksum when n more bytes of zero follow it. */
const tables = tablesFor(0x82f63b78)

function tablesFor(reversedPolynomial: number): Int32Array {
  const made = new Int32Array(4 * 256)
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ reversedPolynomial : crc >>> 1
    made[byte] = crc
  }
  for (let at = 256; at < made.length; at += 1) {
    const before = made[at - 256] ?? 0
    made[at] = (before >>> 8) ^ (made[before & 0xff] ?? 0)
  }
  return made
}
