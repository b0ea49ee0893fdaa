import type { KeyEntry } from '../stores/ports/directory.ts'
import { AdminProblem } from './problem.ts'

interface AskedExpiry {
  readonly expiresAt?: string | null | undefined
  readonly expiresInDays?: number | undefined
}

/**
 * How long a new key lives, and when that ends.
 * @param unsaidMs its lifetime when neither field is given; `undefined`: it lasts.
 * @throws AdminProblem for a moment that is past already: a key that never worked is a mistake.
 */
export function lifeOf(
  asked: AskedExpiry,
  nowMs: number,
  unsaidMs: number | undefined,
): Pick<KeyEntry, 'expiresAtMs' | 'lifetimeMs'> {
  const lifetimeMs = lifetimeAsked(asked, nowMs, unsaidMs)
  return { lifetimeMs, expiresAtMs: lifetimeMs === undefined ? undefined : nowMs + lifetimeMs }
}

function lifetimeAsked(
  { expiresAt, expiresInDays }: AskedExpiry,
  nowMs: number,
  unsaidMs: number | undefined,
): number | undefined {
  if (expiresAt === null) return undefined
  if (expiresInDays !== undefined) return expiresInDays * 86_400_000
  if (expiresAt === undefined) return unsaidMs
  const lifetimeMs = Date.parse(expiresAt) - nowMs
  if (lifetimeMs <= 0) throw new AdminProblem('invalid_request', 'expiresAt: this moment is past already')
  return lifetimeMs
}
