/**
 * CRC-32C (Castagnoli) of a stretch of bytes. Not `zlib.crc32`: that is gzip's polynomial, while the spool's format names
 * Castagnoli's, which finds more of the short bursts of errors that disks make.
 * @param bytes a view, since it reads words at any place; whoever asks often keeps one.
 * @source RFC 3720, section 12.1 and the vectors of its appendix B.4.
 */
export function crc32c(bytes: DataView, start = 0, end = bytes.byteLength): number {
  let crc = -1
  let at = start
  // Eight bytes a step: the serving thread pays for this twice per exchange.
  for (const last = end - 7; at < last; at += 8) {
    const one = crc ^ bytes.getInt32(at, true)
    const two = bytes.getInt32(at + 4, true)
    crc =
      tableAt(1792 + (one & 0xff)) ^
      tableAt(1536 + ((one >>> 8) & 0xff)) ^
      tableAt(1280 + ((one >>> 16) & 0xff)) ^
      tableAt(1024 + (one >>> 24)) ^
      tableAt(768 + (two & 0xff)) ^
      tableAt(512 + ((two >>> 8) & 0xff)) ^
      tableAt(256 + ((two >>> 16) & 0xff)) ^
      tableAt(two >>> 24)
  }
  for (; at < end; at += 1) crc = (crc >>> 8) ^ tableAt((crc ^ bytes.getUint8(at)) & 0xff)
  return ~crc >>> 0
}

// The index is in range by construction; a check for `undefined` on each byte doubles the cost.
const tableAt = (at: number): number => tables[at] as number

/** Eight tables of 256: the nth tells what a byte does to the checksum when n more bytes of zero follow it. */
const tables = tablesFor(0x82f63b78)

function tablesFor(reversedPolynomial: number): Int32Array {
  const made = new Int32Array(8 * 256)
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
