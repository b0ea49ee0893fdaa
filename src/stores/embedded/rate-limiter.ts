import type { Clock, Timer } from '../../canonical/clock.ts'
import {
  limitWindows,
  type LimitAsk,
  type LimitOutlook,
  type LimitState,
  type TokenCount,
} from '../../canonical/limit.ts'
import { PassingMap } from '../../canonical/passing.ts'
import type { LimitAccount, LimitTake, LimitTicket, LimitVerdict, RateLimiter } from '../ports/rate-limiter.ts'
import { amountOf, type Account } from './limit-account.ts'
import { Accounts } from './limit-accounts.ts'

export interface EmbeddedRateLimiter extends RateLimiter {
  /** Calls in line, over all accounts. */
  readonly waiting: number
  /** Calls that were admitted and are not over. */
  readonly open: number
  /** Accounts in memory. */
  readonly kept: number
}

/**
 * Limits in the memory of one process. Every verb runs to its end within one turn, which is what makes a take all or
 * nothing. Windows follow the monotonic clock: a wall clock that is moved changes nothing (fault 35).
 */
export function openRateLimiter(clock: Clock): EmbeddedRateLimiter {
  return new MemoryRateLimiter(clock)
}

/** A call in line. It holds nothing while it waits. */
interface Waiter {
  readonly asked: LimitTake
  readonly accounts: readonly Account<Waiter>[]
  readonly sinceMs: number
  readonly resolve: (verdict: LimitVerdict) => void
  readonly end: () => void
  deadline: Timer | undefined
  /** In whose line it stands. */
  at: Account<Waiter>
  /** It has its verdict. */
  isOver: boolean
}

/** What a ticket stands for: what was charged where. */
interface Charge {
  readonly account: Account<Waiter>
  readonly ask: LimitAsk
  readonly bucket: number
  readonly amount: number
}

type Judgement =
  | { readonly kind: 'room' }
  | { readonly kind: 'line' | 'refuse'; readonly place: number; readonly outlook: LimitOutlook }

class MemoryRateLimiter implements EmbeddedRateLimiter {
  readonly #clock: Clock
  readonly #accounts = new Accounts<Waiter>()
  readonly #tickets = new PassingMap<LimitTicket, readonly Charge[]>()
  #lastTicket = 0
  waiting = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get open(): number {
    return this.#tickets.size
  }

  get kept(): number {
    return this.#accounts.size
  }

  take(asked: LimitTake, cancelled?: AbortSignal): Promise<LimitVerdict> {
    const atMs = this.#nowMs()
    this.#accounts.tidy(atMs)
    const accounts = asked.asks.map((ask) => this.#accountOf(ask, atMs))
    const judgement = judge(asked, accounts, undefined, atMs)
    switch (judgement.kind) {
      case 'room':
        return Promise.resolve(this.#admit(asked, accounts, 0, atMs))
      case 'refuse':
        return Promise.resolve(refusal(accounts, judgement, 0, atMs))
      case 'line':
        return this.#queue(asked, accounts, judgement.place, cancelled, atMs)
    }
  }

  settle(ticket: LimitTicket, used: TokenCount | undefined): void {
    this.#close(ticket, ({ ask, amount }) => {
      const { unit } = ask.rule
      if (unit === 'concurrent') return -amount
      return unit === 'requests' || used === undefined ? 0 : amountOf(unit, used) - amount
    })
  }

  refund(ticket: LimitTicket): void {
    this.#close(ticket, ({ amount }) => -amount)
  }

  accounts(): Promise<readonly LimitAccount[]> {
    const atMs = this.#nowMs()
    const shown: LimitAccount[] = []
    for (const account of this.#accounts.all())
      if (!account.isIdle(atMs))
        shown.push({
          ruleId: account.rule.id,
          value: account.value,
          used: account.used(atMs),
          resetMs: account.resetMs(atMs),
          waiting: account.line.size,
        })
    return Promise.resolve(shown)
  }

  #accountOf(ask: LimitAsk, atMs: number): Account<Waiter> {
    const account = this.#accounts.of(ask, atMs)
    if (account.rule !== ask.rule) {
      account.rule = ask.rule
      // There may be room now for those who wait.
      if (account.line.size > 0) this.#serve(account)
    }
    return account
  }

  #admit(asked: LimitTake, accounts: readonly Account<Waiter>[], waitedMs: number, atMs: number): LimitVerdict {
    const states: LimitState[] = []
    const charges = accounts.map((account, place) => {
      const ask = askAt(asked, place)
      const amount = amountOf(ask.rule.unit, asked.tokens)
      const before = account.used(atMs)
      const bucket = account.charge(amount, atMs)
      account.calls += 1
      states.push({ before, after: before + amount, resetMs: account.resetMs(atMs) })
      return { account, ask, bucket, amount }
    })
    const ticket = ++this.#lastTicket
    this.#tickets.set(ticket, charges)
    return { kind: 'taken', ticket, states, waitedMs }
  }

  #close(ticket: LimitTicket, changeOf: (charge: Charge) => number): void {
    const charges = this.#tickets.get(ticket)
    if (!charges) return
    this.#tickets.delete(ticket)
    const atMs = this.#nowMs()
    for (const charge of charges) {
      charge.account.calls -= 1
      charge.account.correct(charge.bucket, changeOf(charge), atMs)
    }
    for (const { account } of charges) {
      if (account.line.size > 0) this.#serve(account)
      if (account.linesBeside.size > 0) this.#serveBeside(account)
    }
  }

  // --- the lines -----------------------------------------------------------------------------------------------------

  #queue(
    asked: LimitTake,
    accounts: readonly Account<Waiter>[],
    place: number,
    cancelled: AbortSignal | undefined,
    atMs: number,
  ): Promise<LimitVerdict> {
    if (cancelled?.aborted) return Promise.resolve({ kind: 'cancelled' })
    const { promise, resolve } = Promise.withResolvers<LimitVerdict>()
    const cancel = () => this.#giveUp(waiter, { kind: 'cancelled' })
    const waiter: Waiter = {
      asked,
      accounts,
      sinceMs: atMs,
      resolve,
      end: () => cancelled?.removeEventListener('abort', cancel),
      deadline: undefined,
      at: accountAt(accounts, place),
      isOver: false,
    }
    cancelled?.addEventListener('abort', cancel, { once: true })
    for (const account of accounts) account.calls += 1
    waiter.deadline = this.#clock.after(askAt(asked, place).rule.queue?.waitMs ?? 0, () => this.#expire(waiter))
    this.#join(waiter, waiter.at)
    // Only the first in line is waited for, and the timer for it is set when it becomes the first.
    if (waiter.at.line.size === 1) this.#serve(waiter.at)
    return promise
  }

  /** Serves an account's line as far as there is room. */
  #serve(account: Account<Waiter>): void {
    account.wakeUp?.cancel()
    account.wakeUp = undefined
    for (;;) {
      const waiter = account.line.first()
      if (!waiter) return
      const { asked, accounts, sinceMs } = waiter
      const atMs = this.#nowMs()
      const judgement = judge(asked, accounts, account, atMs)
      if (judgement.kind === 'line' && accounts[judgement.place] === account) return this.#wakeLater(account, judgement)
      account.line.shift()
      this.waiting -= 1
      if (judgement.kind === 'line') {
        // There is room here and none elsewhere: it goes on waiting there, and holds up nobody here.
        const elsewhere = accountAt(accounts, judgement.place)
        this.#join(waiter, elsewhere)
        if (elsewhere.line.size === 1) this.#serve(elsewhere)
      } else {
        const waitedMs = atMs - sinceMs
        const verdict =
          judgement.kind === 'room'
            ? this.#admit(asked, accounts, waitedMs, atMs)
            : refusal(accounts, judgement, waitedMs, atMs)
        this.#release(waiter, verdict)
      }
    }
  }

  /** Those who wait for room that calls in a shared account take from their own. */
  #serveBeside({ linesBeside }: Account<Waiter>): void {
    for (const account of linesBeside) {
      this.#serve(account)
      if (account.line.size === 0) linesBeside.delete(account)
    }
  }

  #wakeLater(account: Account<Waiter>, { outlook }: { readonly outlook: LimitOutlook }): void {
    if (outlook.kind === 'after')
      account.wakeUp = this.#clock.after(Math.max(1, outlook.waitMs), () => this.#serve(account))
  }

  #expire(waiter: Waiter): void {
    // Room may come in this very moment.
    this.#serve(waiter.at)
    if (waiter.isOver) return
    const atMs = this.#nowMs()
    const { asked, accounts, at, sinceMs } = waiter
    const place = accounts.indexOf(at)
    const outlook = outlookOf(at, asked, 0, atMs)
    this.#giveUp(waiter, refusal(accounts, { place, outlook }, atMs - sinceMs, atMs))
  }

  #giveUp(waiter: Waiter, verdict: LimitVerdict): void {
    const { at, asked } = waiter
    at.line.leave(asked.caller, waiter)
    this.waiting -= 1
    this.#release(waiter, verdict)
    // The next one may ask for less than the one that barred its way.
    this.#serve(at)
  }

  #join(waiter: Waiter, account: Account<Waiter>): void {
    waiter.at = account
    account.join(waiter.asked.caller, waiter)
    this.waiting += 1
  }

  #release(waiter: Waiter, verdict: LimitVerdict): void {
    waiter.isOver = true
    for (const account of waiter.accounts) account.calls -= 1
    waiter.deadline?.cancel()
    waiter.end()
    waiter.resolve(verdict)
  }

  /** Whole milliseconds: what is earlier by less than one counts as at the same time, never as later. */
  #nowMs(): number {
    return Math.floor(this.#clock.monotonicMs())
  }
}

/**
 * Whether there is room everywhere; if not, whether the call may wait, and in which line. Where several accounts refuse,
 * the one that would refuse longest is told.
 * @param servedFrom the account whose line the call is first in: it has stood in line once, and need not again where there is room.
 */
function judge(
  asked: LimitTake,
  accounts: readonly Account<Waiter>[],
  servedFrom: Account<Waiter> | undefined,
  atMs: number,
): Judgement {
  let line: Judgement | undefined
  let refuse: Exclude<Judgement, { kind: 'room' }> | undefined
  for (let place = 0; place < accounts.length; place += 1) {
    const account = accountAt(accounts, place)
    const { rule } = account
    const amount = amountOf(rule.unit, asked.tokens)
    if (amount > rule.most || rule.most === 0) return { kind: 'refuse', place, outlook: { kind: 'never' } }
    const hasRoom = amount === 0 || account.used(atMs) + amount <= rule.most
    if (hasRoom && (servedFrom !== undefined || account.line.size === 0)) continue
    const outlook = outlookOf(account, asked, account === servedFrom ? 0 : account.line.aheadOf(asked.caller), atMs)
    if (mayWait(account, servedFrom, outlook)) line ??= { kind: 'line', place, outlook }
    else if (!refuse || waitOf(outlook) > waitOf(refuse.outlook)) refuse = { kind: 'refuse', place, outlook }
  }
  return refuse ?? line ?? { kind: 'room' }
}

function mayWait(account: Account<Waiter>, servedFrom: Account<Waiter> | undefined, outlook: LimitOutlook): boolean {
  const { rule } = account
  if (account === servedFrom) return true
  if (!rule.queue || account.line.size >= rule.queue.maxWaiting) return false
  // Requests are hardly ever given back: who would wait in vain is told at once. Tokens often are, when a call ends.
  return rule.unit !== 'requests' || waitOf(outlook) <= rule.queue.waitMs
}

/** @param ahead how many in line are served before it. They are counted where each takes one, and nobody gives one back. */
function outlookOf(account: Account<Waiter>, { tokens }: LimitTake, ahead: number, atMs: number): LimitOutlook {
  const { unit, per, most } = account.rule
  if (unit !== 'requests' || per === undefined || ahead === 0) {
    const waitMs = account.waitMs(most - amountOf(unit, tokens), atMs)
    return waitMs === undefined ? { kind: 'when-released' } : { kind: 'after', waitMs }
  }
  const roomMs = account.waitMs(most - 1 - (ahead % most), atMs) ?? 0
  return { kind: 'after', waitMs: roomMs + Math.floor(ahead / most) * limitWindows[per].lengthMs }
}

function waitOf(outlook: LimitOutlook): number {
  return outlook.kind === 'after' ? outlook.waitMs : 0
}

function refusal(
  accounts: readonly Account<Waiter>[],
  { place, outlook }: { readonly place: number; readonly outlook: LimitOutlook },
  waitedMs: number,
  atMs: number,
): LimitVerdict {
  const states = accounts.map((account): LimitState => {
    const used = account.used(atMs)
    return { before: used, after: used, resetMs: account.resetMs(atMs) }
  })
  return { kind: 'refused', refused: { place, outlook }, states, waitedMs }
}

function askAt(asked: LimitTake, place: number): LimitAsk {
  const ask = asked.asks[place]
  if (!ask) throw new Error(`a call asks for no limit at place ${place}`)
  return ask
}

function accountAt(accounts: readonly Account<Waiter>[], place: number): Account<Waiter> {
  const account = accounts[place]
  if (!account) throw new Error(`a call has no account at place ${place}`)
  return account
}
