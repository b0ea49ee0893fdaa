import type { KeyBody } from './contract/key.ts'
import { writeMaybeMoment, writeMoment } from './moments.ts'
import type { KeyView } from './ports.ts'

export function statusOf(
  { expiresAtMs, revokedAtMs, isOwnerless }: Pick<KeyView, 'expiresAtMs' | 'revokedAtMs' | 'isOwnerless'>,
  nowMs: number,
): KeyBody['status'] {
  if (revokedAtMs !== undefined) return 'revoked'
  if (expiresAtMs !== undefined && nowMs >= expiresAtMs) return 'expired'
  return isOwnerless ? 'ownerless' : 'active'
}

/** Field by field, not by spreading: what is not named here is not told. */
export function keyBodyOf(key: KeyView, nowMs: number): KeyBody {
  return {
    id: key.id,
    name: key.name,
    last4: key.last4 ?? null,
    organisation: key.organisation,
    team: key.team ?? null,
    project: key.project ?? null,
    user: key.user ?? null,
    agent: key.agent ?? null,
    models: key.models === undefined ? null : [...key.models],
    require: key.require === undefined ? null : [...key.require],
    limits: key.limits ?? null,
    budgets: key.budgets ?? null,
    managedBy: key.managedBy,
    status: statusOf(key, nowMs),
    createdAt: key.managedBy === 'config' ? null : writeMoment(key.createdAtMs),
    expiresAt: writeMaybeMoment(key.expiresAtMs),
    revokedAt: writeMaybeMoment(key.revokedAtMs),
  }
}
