import type { BudgetRule, Posting } from '../../src/canonical/budget.ts'
import type { UsageRecord } from '../../src/canonical/usage-record.ts'
import { inputTokensOf, outputTokensOf } from '../../src/canonical/usage.ts'
import { readAccountId } from '../../src/ledger/account-id.ts'
import { readPostings } from '../../src/ledger/amounts.ts'
import type { CapChange } from '../../src/ledger/caps.ts'
import type { SpoolType } from '../../src/ledger/spool-format.ts'
import { readCapChange } from '../../src/ledger/grants.ts'
import type { LedgerEntry } from '../../src/stores/ports/ledger-entries.ts'
import type { HoldAsk, HoldVerdict, Ledger } from '../../src/stores/ports/ledger.ts'
import { keyOf, type MadeUpStore, type StoreWatcher } from './made-up-store.ts'

/** At most so many broken invariants are told in full; all are counted. */
const mostTold = 20

/**
 * Keeps books of its own beside the ledger's, from what passes at its ports, and compares at every step: what is granted has
 * room, what is refused has none, every attempt has one end, and nothing a provider billed is missing.
 */
export class Oracle implements StoreWatcher {
  readonly broken: string[] = []
  readonly counts = {
    granted: 0,
    refused: 0,
    falseRefusals: 0,
    intents: 0,
    records: 0,
    unknown: 0,
    voided: 0,
    shrunk: 0,
    excess: 0,
    brokenInvariants: 0,
  }
  overshootNanos = 0n
  /** By rule; top-ups by account. */
  #changes = new Map<string, CapChange[]>()
  readonly #nowMs: () => number
  readonly #rules = new Map<string, BudgetRule>()
  readonly #accounts = new Map<string, OracleAccount>()
  readonly #holds = new Map<string, readonly Posting[]>()
  readonly #attempts = new Map<string, OracleAttempt>()
  /** The attempt that has the answer, of exchanges whose client has not seen its end. */
  readonly #answers = new Map<string, string>()
  #leaving: string | undefined

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  fail(what: string): void {
    this.counts.brokenInvariants += 1
    if (this.broken.length < mostTold) this.broken.push(what)
  }

  /** Looks over the shoulder of everybody who asks the ledger. */
  watch(ledger: Ledger, process: { readonly isDead: boolean }): Ledger {
    return {
      reserve: async (ask) => {
        const verdict = await ledger.reserve(ask)
        // Whoever asked is gone with its process.
        if (process.isDead) return new Promise(() => {})
        this.#judge(ask, verdict)
        return verdict
      },
      dispatch: (holdId) => {
        if (process.isDead) return
        ledger.dispatch(holdId)
        this.#leaving = holdId
      },
      shrunkEntry: (holdId, most) => ledger.shrunkEntry(holdId, most),
      shrink: (holdId, most) => {
        if (process.isDead) return '[]'
        const entry = ledger.shrink(holdId, most)
        this.#shrink(holdId, readPostings(entry))
        return entry
      },
      probe: (ask) => ledger.probe(ask),
      balances: (rules) => ledger.balances(rules),
      balancesFor: (asks) => ledger.balancesFor(asks),
      giveBack: (asked) => ledger.giveBack(asked),
      settle: (holdId, spend) => {
        if (process.isDead) return { entry: '[]', excess: [] }
        const settled = ledger.settle(holdId, spend)
        for (const { accountId, amount } of settled.excess) this.#account(accountId).excess += amount
        this.counts.excess += settled.excess.length
        this.#end(holdId, readPostings(settled.entry))
        return settled
      },
      void: (holdId) => {
        if (process.isDead) return
        ledger.void(holdId)
        this.counts.voided += 1
        this.#end(holdId, undefined)
      },
      release: (holdId) => {
        if (process.isDead) return
        ledger.release(holdId)
        this.counts.voided += 1
        this.#end(holdId, undefined)
      },
    }
  }

  /** By rule, the most that was ever posted and held in one of its accounts when something was granted. */
  get most(): ReadonlyMap<string, bigint> {
    const most = new Map<string, bigint>()
    for (const account of this.#accounts.values())
      if (account.most > (most.get(account.ruleId) ?? -1n)) most.set(account.ruleId, account.most)
    return most
  }

  /** I4: a call leaves for a provider. @returns its attempt. */
  sent(): string {
    const holdId = this.#leaving
    this.#leaving = undefined
    if (holdId === undefined || !this.#holds.has(holdId)) {
      this.fail('I4: a call left without a hold')
      return ''
    }
    const key = holdId.replace(/\+\d+$/, '')
    const attempt = this.#attempts.get(key)
    if (!attempt?.isIntentWritten) this.fail(`I4: ${key} left before its intent was written`)
    if (attempt) attempt.isServed = true
    return key
  }

  /** What a provider bills for an attempt so far. */
  billed(key: string, tokens: number): void {
    const attempt = this.#attempts.get(key)
    if (attempt) attempt.billedTokens = tokens
    else if (tokens > 0) this.fail(`a provider billed ${key}, which nobody knows`)
  }

  /** The provider is done with it: nothing more will be billed. */
  served(key: string): void {
    const attempt = this.#attempts.get(key)
    if (!attempt) return
    attempt.isServed = false
    this.#reconcile(key, attempt)
  }

  intended(record: UsageRecord): void {
    const key = keyOf(record)
    if (this.#attempts.has(key)) this.fail(`I5: two intents of ${key}`)
    this.counts.intents += 1
    this.#attempts.set(key, {
      isIntentWritten: false,
      isEndWritten: false,
      hasEnd: false,
      billedTokens: 0,
      isServed: false,
      kept: undefined,
    })
  }

  /** A smaller intent takes the place of the first one. */
  narrowed(record: UsageRecord): void {
    const attempt = this.#attempts.get(keyOf(record))
    if (!attempt || attempt.hasEnd) this.fail(`I5: ${keyOf(record)} is narrowed, and is not under way`)
  }

  ended(record: UsageRecord): void {
    if (record.attempt === 0) return
    const key = keyOf(record)
    const attempt = this.#attempts.get(key)
    if (!attempt || attempt.hasEnd) this.fail(`I5: a second end of ${key}, or one without an intent`)
    else attempt.hasEnd = true
    if (record.status === 'ok') this.#answers.set(record.requestId, key)
  }

  written(key: string, type: SpoolType): void {
    const attempt = this.#attempts.get(key)
    if (attempt && type === 'intent') attempt.isIntentWritten = true
    if (attempt && type === 'terminal') attempt.isEndWritten = true
  }

  kept(record: UsageRecord): void {
    if (record.attempt === 0) {
      if (record.postings !== undefined) this.fail('a call that reached no provider has postings')
      return
    }
    const key = keyOf(record)
    const attempt = this.#attempts.get(key)
    this.counts.records += 1
    if (record.status === 'unknown') this.counts.unknown += 1
    if (!attempt || attempt.kept) return this.fail(`I11: a second record of ${key}, or one without an intent`)
    attempt.kept = record
    this.#reconcile(key, attempt)
  }

  /** I10: a client sees the end of an answer. */
  answered(requestId: string): void {
    const key = this.#answers.get(requestId)
    this.#answers.delete(requestId)
    if (key !== undefined && this.#attempts.get(key)?.isEndWritten === false)
      this.fail(`I10: ${key} was answered before its record was written`)
  }

  /**
   * Recovery is over. What had an intent on the disk has a record now; what had none never left (I7).
   * @param store as it is now: its sums are what every account has posted.
   */
  recovered(store: MadeUpStore): void {
    for (const [key, attempt] of this.#attempts) {
      if (attempt.kept) continue
      if (attempt.isIntentWritten) this.fail(`I6: ${key} had an intent and has no record`)
      if (attempt.billedTokens > 0) this.fail(`I4: ${key} was billed and has no record`)
      this.#attempts.delete(key)
    }
    this.#holds.clear()
    this.#answers.clear()
    this.#leaving = undefined
    this.granted(store.entries)
    for (const account of this.#accounts.values()) {
      account.held = 0n
      account.posted = store.accounts.get(account.id)?.posted ?? 0n
      this.#checkOvershoot(account)
    }
  }

  /** Caps change. All entries are read anew: one may have been committed and told to have failed. */
  granted(entries: readonly LedgerEntry[]): void {
    const changes = entries.filter(({ kind }) => kind !== 'rerate').map(({ detail }) => readCapChange(detail))
    // Raises that are over are left out, so that looking one up costs the same for ever.
    const inForce = changes.filter((change) => change.kind !== 'raise' || this.#nowMs() < change.untilMs)
    this.#changes = Map.groupBy(inForce, (change) => (change.kind === 'top-up' ? change.accountId : change.ruleId))
  }

  /** A period was priced anew. */
  adjusted(accountId: string, amount: bigint): void {
    const account = this.#account(accountId)
    account.posted += amount
    account.excess += amount > 0n ? amount : 0n
  }

  /** Nothing is under way: nothing may be held, and every account is the sum of its records. */
  finish(store: MadeUpStore): void {
    if (this.#holds.size > 0) this.fail(`I2: ${this.#holds.size} holds are left`)
    for (const key of this.#attempts.keys()) this.fail(`I5: ${key} was never reconciled`)
    for (const { id, posted, held } of this.#accounts.values()) {
      const kept = store.accounts.get(id)?.posted ?? 0n
      if (held !== 0n) this.fail(`I2: ${held} are held in ${id}`)
      if (posted !== kept) this.fail(`I2: ${id} has ${kept} in its records, and ${posted} were posted`)
    }
  }

  #judge({ holdId, asks, caller }: HoldAsk, verdict: HoldVerdict): void {
    for (const { rule } of asks) this.#rules.set(rule.id, rule)
    if (verdict.kind === 'granted') {
      this.counts.granted += 1
      const draws = readPostings(verdict.entry)
      this.#holds.set(holdId, draws)
      for (const { accountId, amount } of draws) {
        const account = this.#account(accountId)
        if (this.#capOf(account) === 0n) this.fail(`${holdId} was granted in ${accountId}, which is suspended`)
        account.held += amount
        const used = account.posted + account.held
        if (amount > 0n && used > this.#capOf(account)) {
          const over = used - this.#capOf(account)
          if (over > this.overshootNanos) this.overshootNanos = over
          this.fail(`I1: ${holdId} was granted ${amount} in ${accountId}, ${over} more than there was room for`)
        }
        if (used > account.most) account.most = used
      }
      return
    }
    this.counts.refused += 1
    if (verdict.why !== 'short') return
    const { balance, needed } = verdict
    const account = this.#account(balance.accountId)
    const isTime = asks[verdict.place]?.rule.unit === 'seconds'
    const cap = this.#capOf(account)
    // A budget of 0 suspends, whatever a call costs.
    if (isTime ? balance.posted < balance.cap : cap !== 0n && cap - account.posted - account.held >= needed) {
      this.counts.falseRefusals += 1
      this.fail(`I19: ${holdId} of ${caller} was refused by ${balance.accountId}, which had room for ${needed}`)
    }
  }

  /** What it may still come to is less: others may use the rest. */
  #shrink(holdId: string, draws: readonly Posting[]): void {
    const held = this.#holds.get(holdId)
    if (!held) return this.fail(`a hold ${holdId} that is not open was shrunk`)
    for (const [place, { accountId, amount }] of held.entries()) {
      const next = draws[place]
      if (next?.accountId !== accountId || next.amount > amount)
        this.fail(`I3: the hold ${holdId} grew in ${accountId}`)
      else this.#account(accountId).held -= amount - next.amount
    }
    this.#holds.set(holdId, draws)
    this.counts.shrunk += 1
  }

  #end(holdId: string, postings: readonly Posting[] | undefined): void {
    const held = this.#holds.get(holdId)
    if (!held) return this.fail(`I5: a second end of the hold ${holdId}`)
    this.#holds.delete(holdId)
    for (const { accountId, amount } of held) this.#account(accountId).held -= amount
    for (const [place, { accountId, amount }] of (postings ?? []).entries()) {
      if (held[place]?.accountId !== accountId) this.fail(`I13: ${holdId} was posted in ${accountId}`)
      const account = this.#account(accountId)
      account.posted += amount
      this.#checkOvershoot(account)
    }
  }

  /** I1: never more than was once granted there, and what providers charged beyond their bounds. */
  #checkOvershoot(account: OracleAccount): void {
    const over = account.posted + account.held - account.most - account.excess
    if (over <= 0n) return
    if (over > this.overshootNanos) this.overshootNanos = over
    this.fail(`I1: ${account.id} is ${over} over`)
  }

  #reconcile(key: string, { kept, isServed, billedTokens }: OracleAttempt): void {
    if (!kept || isServed) return
    const tokens = inputTokensOf(kept) + outputTokensOf(kept)
    if (tokens < billedTokens) this.fail(`${key} was billed for ${billedTokens} tokens and recorded with ${tokens}`)
    this.#attempts.delete(key)
  }

  #account(id: string): OracleAccount {
    const known = this.#accounts.get(id)
    if (known) return known
    const made = { id, posted: 0n, held: 0n, most: 0n, excess: 0n, ...readAccountId(id) }
    this.#accounts.set(id, made)
    return made
  }

  #capOf({ id, ruleId, value }: OracleAccount): bigint {
    let cap = this.#rules.get(ruleId)?.cap ?? 0n
    let added = 0n
    for (const change of [...(this.#changes.get(id) ?? []), ...(this.#changes.get(ruleId) ?? [])])
      switch (change.kind) {
        case 'top-up':
          added += change.amount
          break
        case 'cap':
          cap = change.cap ?? this.#rules.get(ruleId)?.cap ?? 0n
          break
        case 'raise':
          if (this.#nowMs() < change.untilMs && (change.value === undefined || change.value === value))
            added += change.amount
      }
    return cap === 0n ? 0n : cap + added
  }
}

interface OracleAccount {
  readonly id: string
  readonly ruleId: string
  readonly value: string | undefined
  posted: bigint
  held: bigint
  /** The most that was ever posted and held there when something was granted. */
  most: bigint
  /** By how much providers charged more than their bounds, and prices rose afterwards. */
  excess: bigint
}

interface OracleAttempt {
  isIntentWritten: boolean
  isEndWritten: boolean
  hasEnd: boolean
  billedTokens: number
  /** A provider may be at work on it. */
  isServed: boolean
  kept: UsageRecord | undefined
}
