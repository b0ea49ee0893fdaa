import { createHash } from 'node:crypto'
import { patternDetector } from '../pattern-detector.ts'

/** Addresses of Bitcoin (Base58Check, Bech32) and of Ethereum and its like. */
export const cryptoAddress = patternDetector({
  kind: 'crypto-address',
  isOneWord: true,
  hint: /0x[\da-f]{8}|bc1|[13][1-9A-HJ-NP-Za-km-z]{20}/i,
  pattern:
    /(?<!\w)(?:0x[\da-fA-F]{40}|bc1[02-9ac-hj-np-z]{11,71}|BC1[02-9AC-HJ-NP-Z]{11,71}|[13][1-9A-HJ-NP-Za-km-z]{25,34})(?!\w)/g,
  accepts: (found) =>
    found.startsWith('0x') || (/^bc1/i.test(found) ? passesBech32(found.toLowerCase()) : passesBase58(found)),
  live: /(?<!\w)[\da-zA-Z]{1,74}$/,
  longestLive: 74,
})

/** The last four bytes are the first of the hash of a hash of the others. */
function passesBase58(text: string): boolean {
  let value = 0n
  for (const sign of text)
    value = value * 58n + BigInt('123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'.indexOf(sign))
  const hex = value.toString(16).padStart(50, '0')
  if (hex.length > 50) return false
  const bytes = Buffer.from(hex, 'hex')
  const hash = createHash('sha256')
    .update(createHash('sha256').update(bytes.subarray(0, 21)).digest())
    .digest()
  return hash.subarray(0, 4).equals(bytes.subarray(21))
}

/** BIP 173 and BIP 350: the checksum is 1 or 0x2bc830a3. */
function passesBech32(text: string): boolean {
  const values = [...'bc'].map((sign) => sign.charCodeAt(0) >> 5)
  const all = [...values, 0, ...[...'bc'].map((sign) => sign.charCodeAt(0) & 31)]
  for (const sign of text.slice(3)) all.push('qpzry9x8gf2tvdw0s3jn54khce6mua7l'.indexOf(sign))
  let check = 1
  for (const value of all) {
    const top = check >>> 25
    check = ((check & 0x1ffffff) << 5) ^ value
    for (const [place, generator] of [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3].entries())
      if ((top >>> place) & 1) check ^= generator
  }
  return check === 1 || check === 0x2bc830a3
}
