import { expect } from 'vitest'
import type { TurnedClock } from '../../../test/turned-clock.ts'
import type { BudgetRule, Spend } from '../../canonical/budget.ts'
import { readDecidedBudgets, writeDecidedBudgets } from '../../canonical/decision.ts'
import { accountIdOf } from '../../ledger/account-id.ts'
import { readPostings } from '../../ledger/amounts.ts'
import { resolve } from '../../ledger/resolve.ts'
import { windowAt } from '../../ledger/window.ts'
import type { Grant, HoldAsk, HoldVerdict, Ledger, OwnLedger } from '../ports/ledger.ts'
import type { Stores } from '../ports/stores.ts'
import { LedgerModel, type ModelAccount, type ModelHold } from './ledger-model.ts'
import { moveRules, moveValues, type LedgerMove, type MoveAsk } from './ledger-moves.ts'
import { spend } from './sample-budgets.ts'
import { sampleEvent, sampleIntent, sampleRecord } from './sample-records.ts'

/** What the suite needs of a kind of ledger. */
export interface LawfulLedger {
  /** Opens the ledger over what a store holds, as a gateway does when it starts. */
  open(parts: LawfulLedgerParts): Promise<LedgerHouse>
}

export interface LawfulLedgerParts {
  readonly clock: TurnedClock
  readonly stores: Pick<Stores, 'accounts' | 'entries' | 'usage'>
  readonly mostAccounts: number
}

/** A ledger and the processes that ask it. */
export interface LedgerHouse {
  readonly own: OwnLedger
  /** As each serving process sees it. */
  readonly ledgers: readonly Ledger[]
  /** Resolves when everything that was told has arrived where the books are. */
  arrived(): Promise<void>
  /**
   * A process dies and another one takes its place. What it had asked and not been answered comes to nothing. Its records are in
   * the store already. `undefined`: there is one process only, and its death is a restart.
   */
  readonly kill: ((place: number) => Promise<void>) | undefined
}

interface BenchHold {
  readonly id: string
  readonly process: number
  /** What its record would carry now. */
  entry: string
  phase: 'reserved' | 'intended' | 'left'
}

/**
 * Plays moves on a ledger and on the model and compares the two after each: every account, every verdict, every entry. Records are
 * written as the gateway writes them: an intent before an attempt leaves, one terminal when it ends, and where a process dies the
 * intent in its place.
 */
export class LedgerBench {
  readonly model = new LedgerModel()
  readonly #kind: LawfulLedger
  readonly #parts: LawfulLedgerParts
  readonly #rules: readonly BudgetRule[]
  readonly #prefix: string
  readonly #open: BenchHold[] = []
  /** Ids of holds whose end nobody knew when their process died. */
  readonly #doubts: string[] = []
  /** The id that the ledger keeps each account under. */
  readonly #ids = new Map<string, string>()
  #house: LedgerHouse | undefined
  #asked = 0

  /** @param prefix of every name, so that many stories can be told on one store. */
  constructor(kind: LawfulLedger, parts: LawfulLedgerParts, prefix: string) {
    this.#kind = kind
    this.#parts = parts
    this.#prefix = prefix
    this.#rules = moveRules(prefix)
  }

  async play(moves: readonly LedgerMove[]): Promise<void> {
    this.#house = await this.#kind.open(this.#parts)
    for (const move of moves) {
      await this.#make(move)
      await this.#compare()
    }
    await this.#endAll()
  }

  async #make(move: LedgerMove): Promise<void> {
    const { clock } = this.#parts
    switch (move.kind) {
      case 'reserve':
        return await this.#reserve(move.asks)
      case 'intend':
        return this.#withHold(move.hold, (hold, ledger) => this.#intend(hold, ledger, move.mayLeave))
      case 'shrink':
        return this.#withHold(move.hold, (hold, ledger, modelHold) => {
          if (hold.phase !== 'left') return
          const most = this.#part(modelHold, move.perCent, true)
          hold.entry = ledger.shrunkEntry(hold.id, most)
          this.#parts.stores.usage.narrow(sampleIntent({ ...this.#attemptOf(hold.id), postings: hold.entry }))
          expect(ledger.shrink(hold.id, most)).toBe(hold.entry)
          this.model.shrink(modelHold, most)
        })
      case 'settle':
        return this.#withHold(move.hold, (hold, ledger, modelHold) => {
          this.#intend(hold, ledger, true)
          const spent = this.#part(modelHold, move.perCent, move.isPriced)
          const before = modelHold.amounts ?? []
          const { entry, excess } = ledger.settle(hold.id, spent)
          this.model.end(modelHold, spent)
          this.#checkEntry(entry, modelHold)
          const beyond = (modelHold.amounts ?? []).map((amount, place) => amount - (before[place] ?? 0n))
          expect(excess.map(({ amount }) => amount)).toEqual(beyond.filter((amount) => amount > 0n))
          this.#end(hold, ledger, entry)
        })
      case 'void':
        return this.#withHold(move.hold, (hold, ledger, modelHold) => {
          if (hold.phase === 'reserved') ledger.release(hold.id)
          else ledger.void(hold.id)
          this.model.end(modelHold, undefined)
          this.#end(hold, ledger, undefined)
        })
      case 'cap':
        return await this.#grant({ kind: 'cap', ruleId: this.#rule(move.rule).id, cap: move.cap }, undefined)
      case 'top-up': {
        const [account, accountId] = this.#account(move.rule, move.value)
        return await this.#grant({ kind: 'top-up', accountId, amount: move.amount }, account)
      }
      case 'raise': {
        const value = move.value === undefined ? undefined : this.#valueOf(this.#rule(move.rule), move.value)
        const untilMs = clock.nowMs() + move.forMs
        const { amount } = move
        return await this.#grant({ kind: 'raise', ruleId: this.#rule(move.rule).id, value, amount, untilMs }, undefined)
      }
      case 'adjust': {
        const [account, accountId] = this.#account(move.rule, move.value)
        const { amount } = move
        const entry = {
          kind: amount < 0n ? ('batch' as const) : ('rerate' as const),
          requestId: undefined,
          attempt: undefined,
          accountId,
          amount,
          detail: '{}',
        }
        await this.#own.append([entry], sampleEvent)
        return void this.model.adjusted.push({ account, amount })
      }
      case 'resolve':
        return await this.#resolve(move.doubt, move.nanos, move.tokens)
      case 'turn':
        return clock.turn(move.ms)
      case 'restart':
        return await this.#restart()
      case 'kill':
        return await this.#kill(move.process, move.asks)
    }
  }

  /**
   * I1, I8, I19: of attempts that ask at once, in whatever order they come to the books, exactly such are refused as have no room
   * beside the others; where one asks alone, its verdict is the model's in every detail.
   */
  async #reserve(moveAsks: readonly MoveAsk[]): Promise<void> {
    const atMs = this.#parts.clock.nowMs()
    const asks = moveAsks.map((one) => ({ ask: this.#askOf(one), process: one.process }))
    const [only] = asks
    const alone = only && asks.length === 1 ? [this.model.refusalOf(only.ask, atMs)] : undefined
    const verdicts = await Promise.all(asks.map(({ ask, process }) => this.#ledger(process).reserve(ask)))
    for (const [place, verdict] of verdicts.entries()) {
      const asked = asks[place]
      if (asked && verdict.kind === 'granted') this.#granted(asked.ask, asked.process, verdict.entry)
    }
    for (const [place, verdict] of verdicts.entries()) this.#checkVerdict(verdict, asks[place]?.ask, alone, atMs)
    // I9: asked again, it is granted again, and nothing more is set aside.
    const again = verdicts.findIndex(({ kind }) => kind === 'granted')
    const repeated = asks[again]
    if (repeated) expect(await this.#ledger(repeated.process).reserve(repeated.ask)).toEqual(verdicts[again])
  }

  #checkVerdict(
    verdict: HoldVerdict,
    ask: HoldAsk | undefined,
    alone: readonly ReturnType<LedgerModel['refusalOf']>[] | undefined,
    atMs: number,
  ): void {
    if (!ask) throw new Error('a verdict on nothing')
    if (alone) {
      const [expected] = alone
      expect(verdict).toMatchObject(expected ? { kind: 'refused', ...expected } : { kind: 'granted' })
      if (verdict.kind === 'granted') this.#checkDecided(writeDecidedBudgets(verdict), ask)
    } else if (verdict.kind === 'refused') expect(this.model.refusalOf(ask, atMs)).toBeDefined()
    if (verdict.kind === 'refused') {
      const { balance, needed, place, why } = verdict
      const one = ask.asks[place]
      expect([balance.ruleId, balance.value]).toEqual([one?.rule.id, one?.value])
      if (why === 'short' && balance.cap !== 0n)
        expect(balance.cap - balance.posted - balance.held).toBeLessThan(needed)
      return
    }
    for (const [place, account] of (this.model.holds.get(ask.holdId)?.accounts ?? []).entries()) {
      if ((this.model.holds.get(ask.holdId)?.amounts?.[place] ?? 0n) > 0n)
        expect(this.model.headroom(account, atMs)).toBeGreaterThanOrEqual(0n)
      const { mostOpenPerKey = Infinity } = account.rule
      expect(this.model.openOf(account, ask.caller)).toBeLessThanOrEqual(mostOpenPerKey)
    }
  }

  /** What it tells of each account is what the model had before. */
  #checkDecided(decided: string, { holdId }: HoldAsk): void {
    const atMs = this.#parts.clock.nowMs()
    const { accounts, amounts } = this.model.holds.get(holdId) ?? {}
    const expected = accounts?.map((account, place) => {
      const held = amounts?.[place] ?? 0n
      const before = this.model.sum(account, false) + this.model.sum(account, true) - held
      return { held: held.toString(), cap: this.model.capOf(account, atMs).toString(), before: before.toString() }
    })
    expect(readDecidedBudgets(decided).map(({ held, cap, before }) => ({ held, cap, before }))).toEqual(expected)
  }

  #granted(ask: HoldAsk, process: number, entry: string): void {
    this.model.reserve(ask, this.#parts.clock.nowMs())
    const hold = this.model.holds.get(ask.holdId)
    if (hold) this.#checkEntry(entry, hold)
    this.#open.push({ id: ask.holdId, process: process % this.#processes, entry, phase: 'reserved' })
  }

  /** I13: an entry is in the accounts of the hold, and those are of one window for good. */
  #checkEntry(entry: string, { accounts, amounts }: ModelHold): void {
    const postings = readPostings(entry)
    expect(postings.map(({ amount }) => amount)).toEqual(amounts)
    for (const [place, { accountId }] of postings.entries()) {
      const account = accounts[place]
      if (!account) throw new Error('an entry in an account that nobody asked for')
      const name = `${account.rule.id} ${account.window} ${account.value}`
      expect(this.#ids.get(name) ?? accountId).toBe(accountId)
      this.#ids.set(name, accountId)
    }
  }

  #intend(hold: BenchHold, ledger: Ledger, mayLeave: boolean): void {
    if (hold.phase === 'reserved') {
      hold.phase = 'intended'
      this.#note(hold)
    }
    if (!mayLeave || hold.phase === 'left') return
    ledger.dispatch(hold.id)
    hold.phase = 'left'
  }

  /** Its intent, with what it has set aside now. */
  #note({ id, entry }: BenchHold): void {
    this.#parts.stores.usage.intend(sampleIntent({ ...this.#attemptOf(id), postings: entry }))
  }

  /** I5: its one record is written; a second end of whatever kind is a fault. */
  #end(hold: BenchHold, ledger: Ledger, entry: string | undefined): void {
    this.#parts.stores.usage.append(sampleRecord({ ...this.#attemptOf(hold.id), postings: entry }))
    this.#open.splice(this.#open.indexOf(hold), 1)
    expect(() => ledger.settle(hold.id, spend(1n))).toThrow('there is no open hold')
    expect(() => ledger.void(hold.id)).toThrow('there is no open hold')
    expect(() => ledger.release(hold.id)).toThrow('there is no open hold')
  }

  async #grant(grant: Grant, account: ModelAccount | undefined): Promise<void> {
    await this.#own.grant(grant, sampleEvent)
    this.model.grants.push({ grant, account })
  }

  async #restart(): Promise<void> {
    for (let process = 0; process < this.#processes; process += 1) this.#bury(process)
    this.#house = await this.#kind.open(this.#parts)
  }

  async #kill(place: number, moveAsks: readonly MoveAsk[]): Promise<void> {
    const process = place % this.#processes
    const house = this.#house
    if (!house?.kill) return await this.#restart()
    // Whether they are answered before it dies or not: nobody is left to use what they are granted.
    const asked = Promise.allSettled(moveAsks.map((one) => house.ledgers[process]?.reserve(this.#askOf(one))))
    this.#bury(process)
    await house.kill(process)
    await asked
  }

  /** I6: what had an intent is counted at the most; I7: what had none never left, and is freed. */
  #bury(process: number): void {
    for (const hold of this.#open.filter((one) => one.process === process)) {
      const modelHold = this.model.holds.get(hold.id)
      if (!modelHold) throw new Error('a hold that the model does not know')
      if (hold.phase === 'reserved') this.model.end(modelHold, undefined)
      else {
        this.#parts.stores.usage.append(sampleIntent({ ...this.#attemptOf(hold.id), postings: hold.entry }))
        this.model.lose(modelHold)
        this.#doubts.push(hold.id)
      }
      this.#open.splice(this.#open.indexOf(hold), 1)
    }
  }

  async #resolve(place: number, nanos: bigint, tokens: bigint | undefined): Promise<void> {
    const { usage, entries } = this.#parts.stores
    const holdId = this.#doubts[place % this.#doubts.length]
    const modelHold = holdId === undefined ? undefined : this.model.holds.get(holdId)
    if (holdId === undefined || !modelHold) return
    const { requestId, attempt } = this.#attemptOf(holdId)
    const [record] = await usage.ofRequest(requestId)
    if (!record) throw new Error('what was in doubt has no record')
    const learnt = resolve({ record, adjustments: await entries.ofRequest(requestId), cameTo: { nanos, tokens } })
    const entry = { kind: 'resolve', requestId, attempt, detail: '{}' } as const
    const changes = learnt.accounts.map((one) => ({ accountId: one.accountId, amount: one.after - one.before }))
    const all = [{ accountId: undefined, amount: learnt.differenceNanos }, ...changes]
    await this.#own.append(
      all.map((change) => ({ ...entry, ...change })),
      sampleEvent,
    )
    this.model.resolve(modelHold, nanos, tokens)
  }

  /** I2: every account holds what the model says, and what the records come to; I6: in doubt is what nobody has resolved. */
  async #compare(): Promise<void> {
    const atMs = this.#parts.clock.nowMs()
    await this.#house?.arrived()
    for (const { ruleId, value, cap, posted, held, unknown } of await this.#own.balances(this.#rules)) {
      const rule = this.#rules.find(({ id }) => id === ruleId)
      if (!rule) throw new Error(`a balance of ${ruleId}, which nobody asked for`)
      const account = this.model.accountOf({ rule, value }, atMs)
      const expected = {
        cap: this.model.capOf(account, atMs),
        posted: this.model.sum(account, false),
        held: this.model.sum(account, true),
        unknown: this.model.doubtIn(account),
      }
      expect({ cap, posted, held, unknown }, `${ruleId} of ${value}`).toEqual(expected)
    }
    expect(await this.#own.unexplained()).toBe(0n)
    expect(this.#own.state().holds).toBe(this.#open.length)
  }

  /** I2: when everything has ended nothing is held, and each account is the sum of its records and entries. */
  async #endAll(): Promise<void> {
    for (let left = this.#open.length; left > 0; left -= 1)
      await this.#make({ kind: 'settle', hold: 0, perCent: 50, isPriced: true })
    await this.#compare()
    const kept = await this.#parts.stores.accounts.read([...this.#ids.values()])
    const posted = new Map(kept.map((one) => [one.accountId, one.posted]))
    for (const { accounts } of this.model.holds.values())
      for (const account of accounts) {
        const accountId = this.#ids.get(`${account.rule.id} ${account.window} ${account.value}`) ?? ''
        expect(this.model.sum(account, true)).toBe(0n)
        expect(posted.get(accountId) ?? 0n, accountId).toBe(this.model.sum(account, false))
      }
    await this.#restart()
    await this.#compare()
  }

  #withHold(place: number, act: (hold: BenchHold, ledger: Ledger, modelHold: ModelHold) => void): void {
    const hold = this.#open[place % this.#open.length]
    const modelHold = hold && this.model.holds.get(hold.id)
    if (hold && modelHold) act(hold, this.#ledger(hold.process), modelHold)
  }

  #askOf({ rules, value, caller, nanos, tokens, calls }: MoveAsk): HoldAsk {
    this.#asked += 1
    return {
      holdId: `${this.#prefix}-${this.#asked}/1`,
      caller: `key${caller}`,
      asks: this.#rules
        .filter((_, place) => (rules >> place) % 2 === 1)
        .map((rule) => ({ rule, value: this.#valueOf(rule, value) })),
      most: { nanos, tokens, calls },
    }
  }

  #account(rulePlace: number, value: number): readonly [ModelAccount, string] {
    const rule = this.#rule(rulePlace)
    const atMs = this.#parts.clock.nowMs()
    const ask = { rule, value: this.#valueOf(rule, value) }
    return [this.model.accountOf(ask, atMs), accountIdOf(ask, windowAt(rule, atMs))]
  }

  #valueOf({ by }: BudgetRule, place: number): string | undefined {
    return by && moveValues[place % moveValues.length]
  }

  #rule(place: number): BudgetRule {
    const rule = this.#rules[place % this.#rules.length]
    if (!rule) throw new Error('there are no rules')
    return rule
  }

  /** A part of what is set aside, in the units of all its accounts. */
  #part({ accounts, amounts }: ModelHold, perCent: number, isPriced: boolean): Spend {
    const partOf = (unit: BudgetRule['unit']) => {
      const place = accounts.findIndex(({ rule }) => rule.unit === unit)
      return ((amounts?.[place] ?? 0n) * BigInt(perCent)) / 100n
    }
    return { nanos: isPriced ? partOf('usd') : undefined, tokens: partOf('tokens'), calls: partOf('calls') }
  }

  #attemptOf(holdId: string) {
    return { requestId: holdId.slice(0, -'/1'.length), attempt: 1, startedAtMs: this.#parts.clock.nowMs() }
  }

  #ledger(process: number): Ledger {
    const ledger = this.#house?.ledgers[process % this.#processes]
    if (!ledger) throw new Error('the house has no processes')
    return ledger
  }

  get #own(): OwnLedger {
    if (!this.#house) throw new Error('the house is not open')
    return this.#house.own
  }

  get #processes(): number {
    return this.#house?.ledgers.length ?? 0
  }
}
