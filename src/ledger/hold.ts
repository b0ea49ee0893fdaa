/** An amount in one account, in the account's unit. */
export interface Draw {
  readonly accountId: string
  readonly amount: bigint
}

/**
 * Money or tokens set aside for one attempt (ledger.md C2).
 *
 *     reserved -> dispatched -> posted | voided | unknown -> posted | voided
 *     reserved -> voided
 */
export interface Hold {
  readonly phase: 'reserved' | 'dispatched' | 'unknown' | 'posted' | 'voided'
  /** What is counted: set aside, or what it came to once it is posted. */
  readonly draws: readonly Draw[]
}

export type HoldEvent =
  | { readonly kind: 'dispatch' }
  | { readonly kind: 'shrink'; readonly draws: readonly Draw[] }
  | { readonly kind: 'void' }
  | { readonly kind: 'doubt' }
  | { readonly kind: 'post'; readonly draws: readonly Draw[] }

/** A step that the ledger does not know: always a bug of ours, never a client's or a provider's. */
export class LedgerFault extends Error {
  override readonly name = 'LedgerFault'
}

/**
 * The one place that says what may follow what.
 * @returns the very same hold when the event repeats what has happened (I9).
 * @throws LedgerFault for anything else that may not follow: a second, different end above all (I5).
 */
export function applyToHold(hold: Hold, event: HoldEvent): Hold {
  switch (event.kind) {
    case 'dispatch':
      if (hold.phase === 'dispatched') return hold
      if (hold.phase === 'reserved') return { ...hold, phase: 'dispatched' }
      break
    case 'shrink':
      if (hold.phase === 'dispatched' && isWithin(hold.draws, event.draws)) return { ...hold, draws: event.draws }
      break
    case 'void':
      if (hold.phase === 'voided') return hold
      if (hold.phase !== 'posted') return { ...hold, phase: 'voided' }
      break
    case 'doubt':
      if (hold.phase === 'unknown') return hold
      if (hold.phase === 'dispatched') return { ...hold, phase: 'unknown' }
      break
    case 'post':
      if (hold.phase === 'posted' && isSame(hold.draws, event.draws)) return hold
      // Into the accounts it was set aside in, and no others: a stream over midnight is paid by the day it began (I13).
      if ((hold.phase === 'dispatched' || hold.phase === 'unknown') && hasSameAccounts(hold.draws, event.draws))
        return { phase: 'posted', draws: event.draws }
      break
  }
  throw new LedgerFault(`a hold that is ${hold.phase} cannot be changed by ${event.kind}`)
}

function hasSameAccounts(some: readonly Draw[], others: readonly Draw[]): boolean {
  return pairsHold(some, others, () => true)
}

/** Whether the amounts are the same, account by account. */
export function isSame(some: readonly Draw[], others: readonly Draw[]): boolean {
  return pairsHold(some, others, (one, other) => one === other)
}

/** Whether each amount is the old one or less. */
function isWithin(old: readonly Draw[], next: readonly Draw[]): boolean {
  return pairsHold(old, next, (before, after) => after >= 0n && after <= before)
}

/** The draws of a hold keep their order for life, so that they can be compared place by place. */
function pairsHold(
  some: readonly Draw[],
  others: readonly Draw[],
  holds: (one: bigint, other: bigint) => boolean,
): boolean {
  if (some.length !== others.length) return false
  return some.every((draw, place) => {
    const other = others[place]
    return other !== undefined && other.accountId === draw.accountId && holds(draw.amount, other.amount)
  })
}
