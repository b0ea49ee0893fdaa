import type { KeyView } from './ports.ts'
import { AdminProblem } from './problem.ts'

/**
 * When a new key ends.
 * @param unsaid what holds when neither field is given; `undefined`: never.
 * @throws AdminProblem for a moment that is past already: a key that never worked is a mistake.
 */
export function expiryOf(
  asked: { readonly expiresAt?: string | null | undefined; readonly expiresInDays?: number | undefined },
  nowMs: number,
  unsaid: number | undefined,
): number | undefined {
  if (asked.expiresAt === null) return undefined
  if (asked.expiresInDays !== undefined) return nowMs + asked.expiresInDays * 86_400_000
  if (asked.expiresAt === undefined) return unsaid
  const atMs = Date.parse(asked.expiresAt)
  if (atMs <= nowMs) throw new AdminProblem('invalid_request', 'expiresAt: this moment is past already')
  return atMs
}

/** The lifetime that a key was made with, counted from now; `undefined` when it was made to last. */
export function lifetimeAnew(key: KeyView, nowMs: number): number | undefined {
  return key.expiresAtMs === undefined ? undefined : nowMs + (key.expiresAtMs - key.createdAtMs)
}
