import type { Balance, BudgetAsk, BudgetRule, Posting, Spend, ToldBalance } from '../../canonical/budget.ts'
import type { Clock } from '../../canonical/clock.ts'
import { GatewayError } from '../../canonical/error.ts'
import { lessThanPosted } from '../../ledger/less-than-posted.ts'
import { accountIdOf, readAccountId } from '../../ledger/account-id.ts'
import { amountIn, postingsFor, readPostings, shrunkHold, writeExcess, writePostings } from '../../ledger/amounts.ts'
import { Book } from '../../ledger/book.ts'
import { Caps } from '../../ledger/caps.ts'
import { readCapChange, writeCapChange } from '../../ledger/grants.ts'
import { LedgerFault } from '../../ledger/hold.ts'
import { PassingMap } from '../../canonical/passing.ts'
import { windowAt, Windows, type Window } from '../../ledger/window.ts'
import type { AuditEvent } from '../ports/audit.ts'
import type { BudgetAccounts, KeptAccount } from '../ports/budget-accounts.ts'
import { isOfSpending, type LedgerEntries, type NewLedgerEntry } from '../ports/ledger-entries.ts'
import type {
  GivenBack,
  Grant,
  HoldAsk,
  HoldRefusal,
  HoldRefused,
  HoldVerdict,
  OwnLedger,
  Settled,
} from '../ports/ledger.ts'

export interface LedgerParts {
  readonly clock: Clock
  readonly accounts: Pick<BudgetAccounts, 'read' | 'below'>
  readonly entries: Pick<LedgerEntries, 'append' | 'grants'>
  /** Told of everything that is posted, in its turn: by rule what it came to, and by how much a hold was exceeded. Must be quick. */
  readonly onPosted?: (rules: readonly BudgetRule[], postings: readonly Posting[], excess: readonly Posting[]) => void
  /** How many accounts are kept in memory; beyond it those that nobody used lately are read anew. Default 100,000. */
  readonly mostAccounts?: number
}

/**
 * The ledger of a gateway that runs alone: accounts and holds in memory, checked and changed with no `await` in between, and read
 * from the store when they are first wanted. What is posted there was written down as records by whoever settled.
 */
export async function openLedger(parts: LedgerParts): Promise<OwnLedger> {
  const ledger = new MemoryLedger(parts)
  for (const { detail } of await parts.entries.grants()) ledger.takeGrant(readCapChange(detail))
  return ledger
}

/** How often an account is looked at that is posted to all the time, before it is left to another day. */
const mostLooks = 20

/** An account in memory. */
interface OpenAccount {
  readonly ruleId: string
  readonly windowId: string
  readonly value: string | undefined
  /** When the first attempt began that drew on it, or still may. */
  openedAtMs: number | undefined
  /** The same of those that did draw on it: what the books say after a restart. */
  postedFromMs: number | undefined
}

interface OpenHold {
  readonly atMs: number
  readonly caller: string
  readonly rules: readonly BudgetRule[]
  held: readonly Posting[]
  readonly states: string
}

class MemoryLedger implements OwnLedger {
  readonly #parts: LedgerParts
  readonly #mostAccounts: number
  readonly #book = new Book()
  readonly #caps = new Caps()
  readonly #windows = new Windows()
  /** In the order of their last use. */
  readonly #accounts = new Map<string, OpenAccount>()
  readonly #holds = new PassingMap<string, OpenHold>()
  /** By account and key, where a budget bounds it. */
  readonly #openOfKey = new Map<string, number>()
  readonly #loading = new Map<string, Promise<void>>()
  /** The account of a rule that has one only, and of which window it is: most calls ask for the same as the one before. */
  readonly #last = new WeakMap<BudgetRule, Place>()
  /** How many calls wait for an account or hold something there: then it stays in memory. */
  readonly #wanted = new Map<string, number>()
  /** Entries on their way to the disk: an account that is read meanwhile could have them or not. */
  #appending: Promise<unknown> = Promise.resolve()

  constructor(parts: LedgerParts) {
    this.#parts = parts
    this.#mostAccounts = parts.mostAccounts ?? 100_000
  }

  reserve(ask: HoldAsk): Promise<HoldVerdict> {
    return this.#judge(ask, false)
  }

  probe(ask: HoldAsk): Promise<HoldVerdict> {
    return this.#judge(ask, true)
  }

  async #judge(ask: HoldAsk, isTrial: boolean): Promise<HoldVerdict> {
    const atMs = this.#parts.clock.nowMs()
    const places = ask.asks.map((one) => this.#placeOf(one, atMs))
    this.#want(places, 1)
    let isHeld = false
    try {
      while (places.some(({ accountId }) => !this.#accounts.has(accountId))) await this.#load(places)
      // From here to the verdict nothing waits: check and hold cannot be torn apart.
      const known = this.#holds.get(ask.holdId)
      if (known) return { kind: 'granted', entry: writePostings(known.held), states: known.states }
      const verdict = this.#decide(ask, places, atMs, isTrial)
      isHeld = verdict.kind === 'granted' && !isTrial
      return verdict
    } finally {
      if (!isHeld) this.#want(places, -1)
    }
  }

  dispatch(holdId: string): void {
    this.#book.dispatch(holdId)
  }

  shrunkEntry(holdId: string, most: Spend): string {
    return writePostings(shrunkHold(this.#openHold(holdId), most))
  }

  shrink(holdId: string, most: Spend): string {
    const hold = this.#openHold(holdId)
    const draws = shrunkHold(hold, most)
    this.#book.shrink(holdId, draws)
    hold.held = draws
    return writePostings(draws)
  }

  settle(holdId: string, spend: Spend): Settled {
    const { rules, held } = this.#openHold(holdId)
    const postings = postingsFor(rules, held, spend)
    const excess = this.#post(holdId, postings)
    return { entry: writePostings(postings), excess, excessEntry: writeExcess(excess) }
  }

  void(holdId: string): void {
    const { atMs, held } = this.#openHold(holdId)
    this.#book.void(holdId)
    this.#forget(holdId)
    // It did no work, so that no time began with it.
    for (const { accountId } of held) {
      const account = this.#accounts.get(accountId)
      if (account?.openedAtMs === atMs) account.openedAtMs = this.#firstUseOf(accountId, account)
    }
  }

  release(holdId: string): void {
    this.void(holdId)
  }

  settleAs(holdId: string, entry: string | undefined): void {
    if (!this.#holds.has(holdId)) return
    if (entry === undefined) this.void(holdId)
    else this.#post(holdId, readPostings(entry))
  }

  async balances(rules: readonly BudgetRule[]): Promise<readonly ToldBalance[]> {
    const atMs = this.#parts.clock.nowMs()
    const windows = new Map(rules.map((rule) => [rule.id, { rule, window: this.#windows.at(rule, atMs) }]))
    const names = [...windows.values()].map(({ rule, window }) => accountIdOf({ rule, value: undefined }, window))
    const kept = await this.#kept(() => this.#parts.accounts.below(names))
    const found = new Map<string, Balance>()
    const note = (ruleId: string, value: string | undefined, posted: bigint, openedAtMs: number | undefined): void => {
      const { rule, window } = windows.get(ruleId) ?? {}
      if (!rule || !window) return
      const place = placeOf({ rule, value }, window)
      found.set(place.accountId, this.#balanceOf(place, atMs, { posted, openedAtMs }))
    }
    for (const { rule } of windows.values()) if (!rule.by) note(rule.id, undefined, 0n, undefined)
    for (const { accountId, posted, openedAtMs } of kept) {
      const { ruleId, value } = readAccountId(accountId)
      note(ruleId, value, posted, openedAtMs)
    }
    // What is in memory is newer, and what holds something may have posted nothing yet.
    for (const { ruleId, value, windowId, openedAtMs } of this.#accounts.values())
      if (windows.get(ruleId)?.window.id === windowId) note(ruleId, value, 0n, openedAtMs)
    const unknown = new Map(kept.map((one) => [one.accountId, one.unknown]))
    return [...found.values()].map((one) => ({ ...one, unknown: unknown.get(one.accountId) ?? 0n }))
  }

  async balancesFor(asks: readonly BudgetAsk[]): Promise<readonly ToldBalance[]> {
    const atMs = this.#parts.clock.nowMs()
    const places = asks.map((one) => this.#placeOf(one, atMs))
    const kept = await this.#kept(() => this.#parts.accounts.read(places.map(({ accountId }) => accountId)))
    const byId = new Map(kept.map((one) => [one.accountId, one]))
    return places.map((place) => {
      const found = byId.get(place.accountId)
      return { ...this.#balanceOf(place, atMs, found), unknown: found?.unknown ?? 0n }
    })
  }

  async balancesOf(
    accounts: readonly { readonly rule: BudgetRule; readonly accountId: string }[],
  ): Promise<readonly Balance[]> {
    const atMs = this.#parts.clock.nowMs()
    const absent = accounts.flatMap(({ accountId }) => (this.#accounts.has(accountId) ? [] : [accountId]))
    const kept = absent.length === 0 ? [] : await this.#kept(() => this.#parts.accounts.read(absent))
    const byId = new Map(kept.map(({ accountId, posted, openedAtMs }) => [accountId, { posted, openedAtMs }]))
    return accounts.map(({ rule, accountId }) => {
      const { value, windowId } = readAccountId(accountId)
      const found = byId.get(accountId)
      const now = this.#windows.at(rule, atMs)
      const openedAtMs = this.#accounts.get(accountId)?.openedAtMs ?? found?.openedAtMs ?? atMs
      const window = now.id === windowId ? now : windowAt(rule, openedAtMs)
      return this.#balanceOf({ rule, value, window, accountId }, atMs, found)
    })
  }

  drawnOn(rules: readonly BudgetRule[]): readonly Posting[] {
    const atMs = this.#parts.clock.nowMs()
    const windows = new Map(rules.map((rule) => [rule.id, this.#windows.at(rule, atMs).id]))
    return [...this.#wanted.keys()].flatMap((accountId) => {
      const account = this.#accounts.get(accountId)
      if (account?.openedAtMs === undefined || windows.get(account.ruleId) !== account.windowId) return []
      return [{ accountId, amount: this.#book.account(accountId)?.held ?? 0n }]
    })
  }

  capOf(ask: BudgetAsk): bigint {
    const atMs = this.#parts.clock.nowMs()
    return this.#caps.capOf(ask, accountIdOf(ask, this.#windows.at(ask.rule, atMs)), atMs)
  }

  orderedCapOf({ id }: Pick<BudgetRule, 'id'>): bigint | undefined {
    return this.#caps.orderedCapOf(id)
  }

  orderedRuleIds(): readonly string[] {
    return this.#caps.orderedRuleIds
  }

  async grant(grant: Grant, audit: AuditEvent, reason?: string): Promise<void> {
    const { kind } = grant
    const entry: NewLedgerEntry = {
      kind,
      requestId: undefined,
      attempt: undefined,
      accountId: kind === 'top-up' ? grant.accountId : undefined,
      amount: kind === 'cap' ? (grant.cap ?? 0n) : grant.amount,
      detail: writeCapChange(grant, reason),
    }
    await this.#parts.entries.append([entry], audit)
    this.takeGrant(grant)
  }

  takeGrant(grant: Grant): void {
    this.#caps.apply(grant)
  }

  async giveBack({ requestId, attempt, postings, cameTo, subject }: GivenBack): Promise<void> {
    const entries = lessThanPosted(readPostings(postings), cameTo).map(
      (posting) => ({ kind: 'batch', requestId, attempt, detail: JSON.stringify({ subject }), ...posting }) as const,
    )
    if (entries.length === 0) return
    const told = { atMs: this.#parts.clock.nowMs(), actor: 'system', action: 'budget.give-back', target: subject }
    await this.append(entries, { ...told, detail: JSON.stringify({ requestId, attempt, entries: entries.length }) })
  }

  async append(entries: readonly NewLedgerEntry[], audit: AuditEvent): Promise<void> {
    const appending = this.#parts.entries.append(entries, audit)
    this.#appending = Promise.allSettled([this.#appending, appending])
    await appending
    for (const { kind, accountId, amount } of entries)
      if (isOfSpending(kind) && accountId !== undefined && this.#accounts.has(accountId))
        this.#book.adjust(accountId, amount)
  }

  /** An account in which something is posted meanwhile is looked at again. */
  async correct(accountIds: readonly string[]): Promise<void> {
    let wrong = accountIds
    for (let looks = 0; looks < mostLooks && wrong.length > 0; looks += 1) {
      const before = new Map(
        wrong.filter((accountId) => this.#accounts.has(accountId)).map((one) => [one, this.#postedIn(one)]),
      )
      const kept = await this.#kept(() => this.#parts.accounts.read([...before.keys()]))
      const truth = new Map(kept.map(({ accountId, posted }) => [accountId, posted]))
      wrong = []
      for (const [accountId, posted] of before)
        if (!this.#accounts.has(accountId)) continue
        else if (this.#postedIn(accountId) !== posted) wrong = [...wrong, accountId]
        else this.#book.adjust(accountId, (truth.get(accountId) ?? 0n) - posted)
    }
    if (wrong.length > 0)
      throw new GatewayError(
        'ledger_unavailable',
        `the store is right again, but ${wrong[0]} is so busy that its account in memory could not be put right: repeat it when there is less to do`,
      )
  }

  async unexplained(mostAccounts = this.#accounts.size): Promise<bigint> {
    const looked = [...this.#accounts.keys()].slice(Math.max(0, this.#accounts.size - mostAccounts))
    const before = looked.map((accountId) => [accountId, this.#postedIn(accountId)] as const)
    const kept = new Map(
      (await this.#parts.accounts.read(before.map(([accountId]) => accountId))).map((one) => [
        one.accountId,
        one.posted,
      ]),
    )
    let sum = 0n
    for (const [accountId, posted] of before) {
      // Something was posted while the records were added up: the next look will tell.
      if (this.#postedIn(accountId) !== posted) continue
      const difference = posted - (kept.get(accountId) ?? 0n)
      sum += difference < 0n ? -difference : difference
    }
    return sum
  }

  state() {
    return { accounts: this.#accounts.size, holds: this.#holds.size }
  }

  #placeOf(ask: BudgetAsk, atMs: number): Place {
    const window = this.#windows.at(ask.rule, atMs)
    if (ask.value !== undefined) return placeOf(ask, window)
    const last = this.#last.get(ask.rule)
    if (last?.window === window) return last
    const place = placeOf(ask, window)
    this.#last.set(ask.rule, place)
    return place
  }

  #decide(ask: HoldAsk, places: readonly Place[], atMs: number, isTrial: boolean): HoldVerdict {
    const { holdId, caller, asks, most, isOwed } = ask
    const draws: Posting[] = []
    for (const [number, place] of places.entries()) {
      const { rule, accountId } = place
      this.#use(accountId)
      this.#book.setCap(accountId, this.#caps.capOf(place, accountId, atMs))
      const amount = amountIn(rule, most)
      const why = amount === undefined ? 'unpriced' : isOwed ? undefined : this.#objection(place, amount, caller, atMs)
      if (why !== undefined) return this.#refusal(why, number, place, amount ?? 0n, atMs)
      draws.push({ accountId, amount: amount ?? 0n })
    }
    const verdict = this.#book.reserve(holdId, draws)
    if (verdict.kind === 'short') {
      const number = places.findIndex(({ accountId }) => accountId === verdict.account.id)
      const place = places[number]
      if (!place) throw new LedgerFault(`a hold is short in ${verdict.account.id}, which it does not draw on`)
      return this.#refusal('short', number, place, verdict.needed, atMs)
    }
    const states = this.#statesOf(places, draws, atMs)
    if (isTrial) {
      this.#book.void(holdId)
      this.#book.forget(holdId)
      return { kind: 'granted', entry: writePostings(draws), states }
    }
    for (const { accountId } of places) {
      const account = this.#accounts.get(accountId)
      if (account) account.openedAtMs ??= atMs
    }
    this.#holds.set(holdId, { atMs, caller, rules: asks.map(({ rule }) => rule), held: draws, states })
    this.#count(holdId, 1)
    return { kind: 'granted', entry: writePostings(draws), states }
  }

  /** What there was in each account before these draws. */
  #statesOf(places: readonly Place[], draws: readonly Posting[], atMs: number): string {
    let text = ''
    for (const [number, { accountId, amount }] of draws.entries()) {
      const account = this.#book.account(accountId)
      if (!account) throw new LedgerFault(`account ${accountId} is not open`)
      const { cap, posted, unknown, held } = account
      const isTime = places[number]?.rule.unit === 'seconds'
      const spent = isTime ? secondsSince(this.#accounts.get(accountId)?.openedAtMs, atMs) : posted + unknown
      // Digits alone: nothing is to be escaped.
      text += `${number === 0 ? '' : ','}["${cap}","${spent + held - amount}"]`
    }
    return `[${text}]`
  }

  /** What speaks against a hold besides the room in the account. */
  #objection({ rule, accountId }: Place, amount: bigint, caller: string, atMs: number): HoldRefusal | undefined {
    const { unit, mostPerCall, mostOpenPerKey } = rule
    // A budget of 0 suspends. In the book what costs nothing passes, whatever is left.
    if (this.#capOf(accountId) === 0n) return 'short'
    if (unit === 'seconds' && secondsSince(this.#accounts.get(accountId)?.openedAtMs, atMs) >= this.#capOf(accountId))
      return 'short'
    if (mostPerCall !== undefined && amount > mostPerCall) return 'too-large'
    const open = this.#openOfKey.get(openKeyOf(accountId, caller)) ?? 0
    return mostOpenPerKey !== undefined && open >= mostOpenPerKey ? 'too-many' : undefined
  }

  #refusal(why: HoldRefusal, place: number, account: Place, needed: bigint, atMs: number): HoldRefused {
    return { kind: 'refused', why, place, balance: this.#balanceOf(account, atMs, undefined), needed }
  }

  /** @param kept what the store says; what is in memory is newer. */
  #balanceOf(
    { rule, value, window, accountId }: Place,
    atMs: number,
    kept: { readonly posted: bigint; readonly openedAtMs: number | undefined } | undefined,
  ): Balance {
    const open = this.#accounts.get(accountId)
    const account = open && this.#book.account(accountId)
    const openedAtMs = open?.openedAtMs ?? kept?.openedAtMs
    const posted = account ? account.posted + account.unknown : (kept?.posted ?? 0n)
    return {
      accountId,
      ruleId: rule.id,
      value,
      windowId: window.id,
      windowEndMs: window.endMs,
      cap: this.#caps.capOf({ rule, value }, accountId, atMs),
      posted: rule.unit === 'seconds' ? secondsSince(openedAtMs, atMs) : posted,
      held: account?.held ?? 0n,
    }
  }

  #post(holdId: string, postings: readonly Posting[]): readonly Posting[] {
    // Whoever settles it knows that it left, or that nobody knows: the mark is only late.
    if (this.#book.hold(holdId)?.phase === 'reserved') this.#book.dispatch(holdId)
    const excess = this.#book.post(holdId, postings)
    const { atMs, rules } = this.#openHold(holdId)
    for (const { accountId } of postings) {
      const account = this.#accounts.get(accountId)
      if (account && atMs < (account.postedFromMs ?? Infinity)) account.postedFromMs = atMs
    }
    this.#parts.onPosted?.(rules, postings, excess)
    this.#forget(holdId)
    return excess
  }

  #forget(holdId: string): void {
    this.#count(holdId, -1)
    this.#want(this.#openHold(holdId).held, -1)
    this.#holds.delete(holdId)
    this.#book.forget(holdId)
  }

  #count(holdId: string, by: 1 | -1): void {
    const { caller, rules, held } = this.#openHold(holdId)
    for (const [place, { accountId }] of held.entries()) {
      if (rules[place]?.mostOpenPerKey === undefined) continue
      const key = openKeyOf(accountId, caller)
      const open = (this.#openOfKey.get(key) ?? 0) + by
      if (open === 0) this.#openOfKey.delete(key)
      else this.#openOfKey.set(key, open)
    }
  }

  /** Looks through all holds: only where the first use of an account has come to nothing. */
  #firstUseOf(accountId: string, { postedFromMs = Infinity }: OpenAccount): number | undefined {
    let first = postedFromMs
    for (const [, { atMs, held }] of this.#holds)
      if (atMs < first && held.some((draw) => draw.accountId === accountId)) first = atMs
    return first === Infinity ? undefined : first
  }

  #openHold(holdId: string): OpenHold {
    const hold = this.#holds.get(holdId)
    if (!hold) throw new LedgerFault(`there is no open hold ${holdId}`)
    return hold
  }

  #capOf(accountId: string): bigint {
    return this.#book.account(accountId)?.cap ?? 0n
  }

  #postedIn(accountId: string): bigint {
    return this.#book.account(accountId)?.posted ?? 0n
  }

  /** Its place in the order of use is the last now. */
  #use(accountId: string): void {
    const account = this.#accounts.get(accountId)
    if (!account) throw new LedgerFault(`account ${accountId} is not open`)
    // The order matters only to those that may have to leave.
    if (this.#accounts.size * 2 < this.#mostAccounts) return
    this.#accounts.delete(accountId)
    this.#accounts.set(accountId, account)
  }

  /** Reads accounts that are not in memory, each once however many ask for it. */
  async #load(places: readonly Place[]): Promise<void> {
    const missing = places.filter(({ accountId }) => !this.#accounts.has(accountId))
    const fresh = missing.filter(({ accountId }) => !this.#loading.has(accountId))
    if (fresh.length > 0) {
      const reading = this.#read(fresh).finally(() => {
        for (const { accountId } of fresh) this.#loading.delete(accountId)
      })
      for (const { accountId } of fresh) this.#loading.set(accountId, reading)
    }
    await Promise.all(missing.map(({ accountId }) => this.#loading.get(accountId)))
  }

  async #read(places: readonly Place[]): Promise<void> {
    await this.#appending
    const kept = await this.#kept(() => this.#parts.accounts.read(places.map(({ accountId }) => accountId)))
    const byId = new Map(kept.map((one) => [one.accountId, one]))
    this.#makeRoom(places.length)
    for (const { rule, value, window, accountId } of places) {
      const { posted = 0n, openedAtMs } = byId.get(accountId) ?? {}
      const account = { ruleId: rule.id, windowId: window.id, value, openedAtMs, postedFromMs: openedAtMs }
      this.#accounts.set(accountId, account)
      this.#book.setCap(accountId, rule.cap)
      this.#book.adjust(accountId, posted)
    }
  }

  /** @throws GatewayError `ledger_unavailable`. */
  async #kept(read: () => Promise<readonly KeptAccount[]>): Promise<readonly KeptAccount[]> {
    try {
      return await read()
    } catch (thrown) {
      throw new GatewayError('ledger_unavailable', 'the books of the budgets cannot be read', { cause: thrown })
    }
  }

  /** Lets go of accounts that nobody used lately; those that somebody waits for or holds something in stay. Their records are written. */
  #makeRoom(wanted: number): void {
    let surplus = this.#accounts.size + wanted - this.#mostAccounts
    for (const accountId of this.#accounts.keys()) {
      if (surplus <= 0) return
      if (this.#wanted.has(accountId)) continue
      this.#accounts.delete(accountId)
      this.#book.close(accountId)
      surplus -= 1
    }
  }

  #want(accounts: readonly { readonly accountId: string }[], by: 1 | -1): void {
    for (const { accountId } of accounts) {
      const wanted = (this.#wanted.get(accountId) ?? 0) + by
      if (wanted === 0) this.#wanted.delete(accountId)
      else this.#wanted.set(accountId, wanted)
    }
  }
}

/** One ask with the account that it falls into. */
interface Place extends BudgetAsk {
  readonly window: Window
  readonly accountId: string
}

function placeOf(ask: BudgetAsk, window: Window): Place {
  return { ...ask, window, accountId: accountIdOf(ask, window) }
}

function openKeyOf(accountId: string, caller: string): string {
  return `${accountId}\n${caller}`
}

function secondsSince(openedAtMs: number | undefined, atMs: number): bigint {
  return openedAtMs === undefined ? 0n : BigInt(Math.max(0, Math.floor((atMs - openedAtMs) / 1_000)))
}
