import type { BudgetAsk } from '../canonical/budget.ts'
import type { Window } from './window.ts'

/**
 * What an account is kept under: the rule, its value and the window, in this order, so that the accounts of a rule lie
 * together. `team acme/search/monthly usd/month@2026-11`, `key ci/each usd/day by user@2026-11-29[acme%2Fada]`. Values with
 * halves of surrogate pairs, which no id can carry, share accounts.
 */
export function accountIdOf({ rule, value }: BudgetAsk, window: Pick<Window, 'id'>): string {
  const id = `${rule.id}@${window.id}`
  return value === undefined ? id : `${id}[${encodeURIComponent(value.toWellFormed())}]`
}

export interface AccountName {
  readonly ruleId: string
  readonly windowId: string
  readonly value: string | undefined
}

/** The parts of an id. A value may be empty: books that are kept hold such accounts. @throws Error for what `accountIdOf` never made. */
export function readAccountId(accountId: string): AccountName {
  const [, ruleId, windowId, value] = /^(.+)@([0-9A-Za-z-]+)(?:\[([^\][]*)\])?$/s.exec(accountId) ?? []
  if (ruleId === undefined || windowId === undefined) throw new Error(`"${accountId}" names no account`)
  return { ruleId, windowId, value: value === undefined ? undefined : decodeURIComponent(value) }
}
