import { createHmac, createSecretKey, hash, timingSafeEqual } from 'node:crypto'
import { randomBase62, type RandomBytes } from '../../canonical/base62.ts'
import { keyLengths, keyText } from '../../canonical/key-form.ts'

export interface MadeKey {
  /** The key itself, `weir_<id>_<secret>_<checksum>`: shown once, stored nowhere. */
  readonly key: string
  readonly id: string
  readonly last4: string
}

/** @param randomBytes cryptographic: `randomBytes` of node:crypto. */
export function makeKey(randomBytes: RandomBytes): MadeKey {
  const id = randomBase62(keyLengths.id, randomBytes)
  const key = keyText(id, randomBase62(keyLengths.secret, randomBytes))
  return { key, id, last4: key.slice(-4) }
}

/**
 * @param pepper 32 bytes or more, see `loadPepper`.
 * @returns the hash under which keys are stored and found: HMAC-SHA-256 of the whole key, 64 hex digits.
 */
export function openKeyHasher(pepper: Uint8Array): (key: string) => string {
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
