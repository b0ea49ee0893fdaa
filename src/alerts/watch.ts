import type { BudgetRule, Posting } from '../canonical/budget.ts'
import type { Clock, Timer } from '../canonical/clock.ts'
import { accountIdOf, readAccountId } from '../ledger/account-id.ts'
import { windowAt } from '../ledger/window.ts'
import type { Alert, Alerts } from '../stores/ports/alerts.ts'
import type { BudgetAccounts, ThresholdsQuestion } from '../stores/ports/budget-accounts.ts'
import type { OwnLedger } from '../stores/ports/ledger.ts'
import { amountReaching, excessEvent, reachedOf, thresholdEvent } from './events.ts'

/** Looks at what is spent, beside the path of calls, and notes what somebody should be told. */
export interface BudgetWatch {
  /** Looks at everything once, for what happened before this start, and from then on now and again. */
  begin(): void
  /** Something was posted. Costs a call next to nothing: it is looked at a moment later. */
  posted(rules: readonly BudgetRule[], postings: readonly Posting[], excess: readonly Posting[]): void
  /** Looks once more at what was posted last, and then no more. */
  close(): Promise<void>
}

export interface BudgetWatchParts {
  readonly clock: Clock
  readonly ledger: Pick<OwnLedger, 'balancesOf' | 'capOf'>
  readonly accounts: Pick<BudgetAccounts, 'reaching'>
  readonly alerts: Pick<Alerts, 'note'>
  /** Those in force that have thresholds. */
  readonly rules: () => readonly BudgetRule[]
  /** Names of those who are told now. */
  readonly receivers: () => readonly string[]
  readonly nextId: () => string
  /** What was not noted before. */
  readonly onAlert: (alert: Alert) => void
  readonly onProblem: (problem: unknown) => void
}

/** From a posting to a look: those of a moment are one look. */
const lookAfterMs = 1_000
/** Caps that were lowered, times that were priced anew, what was recovered at the start: seen at the latest then. */
const lookAtAllEveryMs = 300_000
/** Accounts that are remembered as told, so that the store is not asked about them at every look. */
const mostRemembered = 100_000

/**
 * Watches budgets for thresholds that are reached and for amounts that were exceeded, and notes an alert of each once. It does
 * not send them.
 */
export function openBudgetWatch(parts: BudgetWatchParts): BudgetWatch {
  const { clock, ledger, accounts } = parts
  const touched = new Map<string, BudgetRule>()
  const excesses = new Map<string, bigint>()
  /** The highest threshold that is noted, by account. */
  const told = new Map<string, number>()
  let isClosed = false
  let isLookDue = false
  let looking: Promise<void> = Promise.resolve()

  async function look(): Promise<void> {
    isLookDue = false
    const [rules, beyond] = [new Map(touched), new Map(excesses)]
    touched.clear()
    excesses.clear()
    try {
      await note(rules, beyond)
    } catch (thrown) {
      // Looked at again with the next posting, or before all others.
      for (const [accountId, amount] of beyond) excesses.set(accountId, (excesses.get(accountId) ?? 0n) + amount)
      for (const [accountId, rule] of rules) touched.set(accountId, rule)
      parts.onProblem(thrown)
    }
  }

  async function lookAtAll(): Promise<void> {
    // What a look before could not note: it may be of a window that is over, and a broken bound is told by nothing else.
    if (touched.size > 0 && !isLookDue) await look()
    const rules = new Map(parts.rules().map((rule) => [rule.id, rule]))
    const atMs = clock.nowMs()
    const questions = [...rules.values()].flatMap((rule) => questionOf(rule, atMs) ?? [])
    if (questions.length === 0) return
    try {
      const reaching = await accounts.reaching(questions)
      const byAccount = reaching.flatMap(({ accountId }) => {
        const rule = rules.get(readAccountId(accountId).ruleId)
        return rule === undefined ? [] : [[accountId, rule] as const]
      })
      await note(new Map(byAccount), new Map())
    } catch (thrown) {
      parts.onProblem(thrown)
    }
  }

  /** Of the window of now. What is added to single accounts makes their caps larger only: all that may be told are found. */
  function questionOf(rule: BudgetRule, atMs: number): ThresholdsQuestion | undefined {
    const cap = ledger.capOf({ rule, value: undefined })
    if (cap <= 0n) return undefined
    const thresholds = rule.alertsAt.map((percent) => {
      const amount = amountReaching(percent, cap)
      return rule.unit === 'seconds'
        ? { percent, posted: 0n, openedByMs: atMs - Number(amount) * 1_000 }
        : { percent, posted: amount, openedByMs: Number.MAX_SAFE_INTEGER }
    })
    return { name: accountIdOf({ rule, value: undefined }, windowAt(rule, atMs)), thresholds }
  }

  /** @param rules by account. */
  async function note(rules: ReadonlyMap<string, BudgetRule>, beyond: ReadonlyMap<string, bigint>): Promise<void> {
    const balances = await ledger.balancesOf([...rules].map(([accountId, rule]) => ({ accountId, rule })))
    const atMs = clock.nowMs()
    const alerts = balances.flatMap((balance): readonly Alert[] => {
      const { accountId } = balance
      const rule = rules.get(accountId)
      if (rule === undefined) return []
      const alertOf = (percent: number | undefined, body: string) => ({
        id: parts.nextId(),
        atMs,
        accountId,
        percent,
        body,
      })
      const excess = beyond.get(accountId)
      return [
        ...reachedOf(rule, balance)
          .filter((percent) => percent > (told.get(accountId) ?? 0))
          .map((percent) => alertOf(percent, thresholdEvent(rule, balance, percent, atMs))),
        ...(excess === undefined ? [] : [alertOf(undefined, excessEvent(rule, balance, excess, atMs))]),
      ]
    })
    if (alerts.length === 0) return
    for (const alert of await parts.alerts.note(alerts, parts.receivers())) parts.onAlert(alert)
    if (told.size > mostRemembered) told.clear()
    for (const { accountId, percent } of alerts) if (percent !== undefined) told.set(accountId, percent)
  }

  /** One look after the other, so that two never note the same. */
  function then(work: () => Promise<void>): Promise<void> {
    looking = looking.then(work)
    return looking
  }

  let all: Timer | undefined
  return {
    begin() {
      void then(lookAtAll)
      all = clock.after(lookAtAllEveryMs, () => {
        void then(lookAtAll)
        all?.restart()
      })
    },
    posted(rules, postings, excess) {
      for (const [place, { accountId }] of postings.entries()) {
        const rule = rules[place]
        if (rule !== undefined && rule.alertsAt.length > 0) touched.set(accountId, rule)
      }
      for (const { accountId, amount } of excess) {
        const rule = rules[postings.findIndex((posting) => posting.accountId === accountId)]
        if (rule === undefined) continue
        touched.set(accountId, rule)
        excesses.set(accountId, (excesses.get(accountId) ?? 0n) + amount)
      }
      if (isLookDue || isClosed || touched.size === 0) return
      isLookDue = true
      clock.after(lookAfterMs, () => void then(look))
    },
    async close() {
      isClosed = true
      all?.cancel()
      await then(look)
    },
  }
}
