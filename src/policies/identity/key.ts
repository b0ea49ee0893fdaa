import { createHmac, createSecretKey, hash, timingSafeEqual } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { randomBase62, toBase62, type RandomBytes } from './base62.ts'

const idLength = 10
/** 190 random bits. The last four letters, which are shown, are of the checksum and tell at most 24 bits of them. */
const secretLength = 32
const checksumLength = 6
const form = /^weir_([0-9A-Za-z]{10})_[0-9A-Za-z]{32}_[0-9A-Za-z]{6}$/
const bodyLength = 'weir_'.length + idLength + 1 + secretLength
const keyLength = bodyLength + 1 + checksumLength

export interface MadeKey {
  /** The key itself, `weir_<id>_<secret>_<checksum>`: shown once, stored nowhere. */
  readonly key: string
  readonly id: string
  readonly last4: string
}

/** @param randomBytes cryptographic: `randomBytes` of node:crypto. */
export function makeKey(randomBytes: RandomBytes): MadeKey {
  const id = randomBase62(idLength, randomBytes)
  const body = `weir_${id}_${randomBase62(secretLength, randomBytes)}`
  const key = `${body}_${checksumOf(body)}`
  return { key, id, last4: key.slice(-4) }
}

/**
 * Reads the form of a key and its checksum, before anything is hashed or looked up (failures.md A1). Costs the same
 * small time for anything that is not of a key's length.
 * @returns `undefined` for everything that `makeKey` cannot have made.
 */
export function parseKey(text: string): { readonly id: string } | undefined {
  if (text.length !== keyLength) return undefined
  const id = form.exec(text)?.[1]
  if (id === undefined || checksumOf(text.slice(0, bodyLength)) !== text.slice(bodyLength + 1)) return undefined
  return { id }
}

/**
 * @param pepper 32 bytes or more, see `loadPepper`.
 * @returns the hash under which keys are stored and found: HMAC-SHA-256 of the whole key, 64 hex digits.
 */
export function openKeyHasher(pepper: Buffer): (key: string) => string {
  // A ready KeyObject spares every hash the import of the pepper.
  const secret = createSecretKey(pepper)
  // The plain digest costs a fifth of the keyed one, so the keyed one of a key that was seen is remembered, under the digest:
  // no key stays in memory. Wrong keys may fill it; then all is forgotten at once, and only time is lost.
  const known = new Map<string, string>()
  return (key) => {
    const digest = hash('sha256', key, 'base64')
    const found = known.get(digest)
    if (found !== undefined) return found
    const made = createHmac('sha256', secret).update(key).digest('hex')
    if (known.size >= rememberedHashes) known.clear()
    known.set(digest, made)
    return made
  }
}

const rememberedHashes = 10_000

/** Compares two hashes without telling by time where they differ (failures.md A9). */
export function sameHash(left: string, right: string): boolean {
  const leftBytes = Buffer.from(left)
  const rightBytes = Buffer.from(right)
  return leftBytes.length === rightBytes.length && timingSafeEqual(leftBytes, rightBytes)
}

function checksumOf(body: string): string {
  return toBase62(crc32(body), checksumLength)
}
