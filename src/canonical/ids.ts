import type { Clock } from './clock.ts'

/**
 * Makes request ids: `req_`, 48 bits of time and 80 bits of randomness as 32 hex digits, so that they sort by time and
 * two gateways never make the same one.
 * @param randomBytes cryptographic randomness, asked for in blocks: a call for each id would cost more than the id.
 */
export function openIds(clock: Clock, randomBytes: (sizeBytes: number) => Buffer): () => string {
  const blockBytes = 4_000
  const randomPerId = 10
  let block = randomBytes(blockBytes)
  let used = 0
  return () => {
    if (used + randomPerId > blockBytes) {
      block = randomBytes(blockBytes)
      used = 0
    }
    const random = block.toString('hex', used, used + randomPerId)
    used += randomPerId
    return `req_${clock.nowMs().toString(16).padStart(12, '0')}${random}`
  }
}
