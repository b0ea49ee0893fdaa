/** How long a caller that has nothing under way still counts as one who shares the gateway. */
export const rememberedMs = 60_000
const forgetEveryMs = 1_000

interface Tally {
  running: number
  lastMs: number
}

interface OrganisationTally extends Tally {
  readonly keys: Map<string, Tally>
}

/**
 * Who has how much of the gateway: running exchanges by organisation, and by key within it. An organisation's fair share is the
 * whole divided by the organisations that were here within the last minute; a key's is its organisation's divided by that organisation's keys.
 */
export class FairShare {
  readonly #organisations = new Map<string, OrganisationTally>()
  #forgotAtMs = -Infinity

  enter(organisation: string, keyId: string, nowMs: number): void {
    const owner = this.#seen(organisation, nowMs)
    const key = seenKey(owner, keyId, nowMs)
    owner.running += 1
    key.running += 1
  }

  leave(organisation: string, keyId: string, nowMs: number): void {
    const owner = this.#organisations.get(organisation)
    const key = owner?.keys.get(keyId)
    if (!owner || !key) return
    owner.running -= 1
    key.running -= 1
    owner.lastMs = nowMs
    key.lastMs = nowMs
  }

  /**
   * Whether a caller has its fair share of `room` exchanges already; the widest level that has is named. Who asks counts as
   * here, whatever the answer.
   */
  hasShare(organisation: string, keyId: string, room: number, nowMs: number): 'organisation' | 'key' | undefined {
    const owner = this.#seen(organisation, nowMs)
    const key = seenKey(owner, keyId, nowMs)
    this.#forget(nowMs)
    const share = room / this.#organisations.size
    if (owner.running >= share) return 'organisation'
    return key.running >= share / owner.keys.size ? 'key' : undefined
  }

  /** Organisations that were here within the last minute. */
  get organisations(): number {
    return this.#organisations.size
  }

  #seen(organisation: string, nowMs: number): OrganisationTally {
    const known = this.#organisations.get(organisation)
    if (known) {
      known.lastMs = nowMs
      return known
    }
    const made: OrganisationTally = { running: 0, lastMs: nowMs, keys: new Map() }
    this.#organisations.set(organisation, made)
    return made
  }

  /** Both maps hold known keys only, so the directory bounds them; this keeps them to those who are here. */
  #forget(nowMs: number): void {
    if (nowMs - this.#forgotAtMs < forgetEveryMs) return
    this.#forgotAtMs = nowMs
    const isGone = (tally: Tally) => tally.running === 0 && nowMs - tally.lastMs > rememberedMs
    for (const [organisation, owner] of this.#organisations) {
      if (isGone(owner)) this.#organisations.delete(organisation)
      else for (const [keyId, key] of owner.keys) if (isGone(key)) owner.keys.delete(keyId)
    }
  }
}

function seenKey(owner: OrganisationTally, keyId: string, nowMs: number): Tally {
  const known = owner.keys.get(keyId)
  if (known) {
    known.lastMs = nowMs
    return known
  }
  const made: Tally = { running: 0, lastMs: nowMs }
  owner.keys.set(keyId, made)
  return made
}
