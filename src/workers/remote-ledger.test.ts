import { describe, expect, it } from 'vitest'
import { turnedClock, type TurnedClock } from '../../test/turned-clock.ts'
import { systemClock } from '../canonical/clock.ts'
import type { LedgerFault } from '../ledger/hold.ts'
import { openLedger } from '../stores/embedded/ledger.ts'
import { openEmbedded } from '../stores/embedded/open-embedded.ts'
import { ledgerLaws } from '../stores/laws/ledger-laws.ts'
import { sampleBudget, sampleHold, spend } from '../stores/laws/sample-budgets.ts'
import { sampleIntent } from '../stores/laws/sample-records.ts'
import type { Ledger, OwnLedger } from '../stores/ports/ledger.ts'
import type { Stores } from '../stores/ports/stores.ts'
import { answerMs, openLink, type Link, type LinkMessage } from './link.ts'
import type { PrimaryAnswers, WorkerTells } from './protocol.ts'
import { openRemoteLedger } from './remote-ledger.ts'
import { openLedgerDesk, type LedgerDesk } from './serve-ledger.ts'

type None = Record<never, never>
type LedgerAnswers = Pick<PrimaryAnswers, 'reserve' | 'give-back'>
type LedgerTells = Pick<WorkerTells, 'dispatch' | 'shrink' | 'settle' | 'release'>

interface Worker {
  readonly ledger: Ledger
  readonly desk: LedgerDesk
  /** Its process is dead: what it said so far arrives, and nothing after it. */
  die(): Promise<void>
}

/** A worker's ledger and the primary's desk for it, with a link between them as between two processes. */
function openWorker(clock: TurnedClock, own: OwnLedger, faults: LedgerFault[] = []): Worker {
  const desk = openLedgerDesk(own, (fault) => void faults.push(fault))
  let isDead = false
  const carry = (to: () => { receive(batch: unknown): void }) => (batch: readonly LinkMessage[], then: () => void) =>
    setImmediate(() => {
      then()
      if (!isDead) to().receive(structuredClone(batch))
    })
  const onBug = (error: unknown) => {
    throw error
  }
  const near: Link<PrimaryAnswers, WorkerTells> = openLink<PrimaryAnswers, WorkerTells, None, None>({
    clock,
    send: carry(() => far),
    answers: {},
    hears: {},
    onBug,
    onStuck: () => {},
  })
  const far: Link<None, None> = openLink<None, None, LedgerAnswers, LedgerTells>({
    clock,
    send: carry(() => near),
    answers: {
      reserve: (ask) => desk.reserve(ask),
      'give-back': async (asked) => void (await own.giveBack(asked)),
    },
    hears: {
      dispatch: (holdId) => desk.dispatch(holdId),
      shrink: ({ holdId, most }) => desk.shrink(holdId, most),
      settle: ({ holdId, entry }) => desk.settle(holdId, entry),
      release: (holdId) => desk.release(holdId),
    },
    onBug,
    onStuck: () => {},
  })
  return {
    ledger: openRemoteLedger(near),
    desk,
    async die() {
      // What it asked last was on its way.
      await turn()
      isDead = true
      near.close('died')
      far.close('died')
    },
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

const openStores = (dir: string): Promise<Stores> =>
  openEmbedded({
    dir,
    clock: systemClock,
    reserveBytes: 4096,
    onFailure(failure) {
      throw failure
    },
  })

ledgerLaws('the ledger as two workers see it', openStores, {
  async open({ clock, stores, mostAccounts }) {
    const own = await openLedger({ clock, accounts: stores.accounts, entries: stores.entries, mostAccounts })
    const workers = [openWorker(clock, own), openWorker(clock, own)]
    return {
      own,
      get ledgers() {
        return workers.map(({ ledger }) => ledger)
      },
      async arrived() {
        // A message is sent in the turn after it was said, and received in the one after that.
        for (let turns = 0; turns < 4; turns += 1) await turn()
      },
      async kill(place) {
        const [dead] = workers.splice(place, 1, openWorker(clock, own))
        await dead?.die()
        await dead?.desk.bury((requestId) => stores.usage.ofRequest(requestId))
      },
    }
  },
})

describe('budgets over processes', () => {
  const openHouse = async (clock = turnedClock()) => {
    const own = await openLedger({
      clock,
      accounts: { read: async () => [], below: async () => [] },
      entries: { append: async () => {}, grants: async () => [] },
    })
    return { clock, own, workers: [openWorker(clock, own), openWorker(clock, own)] as const }
  }
  const rule = sampleBudget({ cap: 100n })
  const heldOf = async (own: OwnLedger) => (await own.balances([rule])).map(({ held }) => held)

  it('I1: exactly k of 500 attempts are granted, whichever of two workers they come to', async () => {
    const { own, workers } = await openHouse()
    const verdicts = await Promise.all(
      Array.from({ length: 500 }, (_, place) =>
        workers[place % 2 === 0 ? 0 : 1].ledger.reserve(sampleHold(`${place}/1`, [rule], spend(3n))),
      ),
    )
    expect(verdicts.filter(({ kind }) => kind === 'granted')).toHaveLength(33)
    expect(await heldOf(own)).toEqual([99n])
  })

  it('I7: a hold whose grant comes too late, or never, is given back', async () => {
    const { clock, own, workers } = await openHouse()
    const [{ ledger }] = workers
    const late = ledger.reserve(sampleHold('late/1', [rule], spend(60n)))
    clock.turn(answerMs)
    await expect(late).rejects.toMatchObject({ kind: 'ledger_unavailable' })
    for (let turns = 0; turns < 6; turns += 1) await turn()
    expect(own.state().holds).toBe(0)
    expect(await ledger.reserve(sampleHold('next/1', [rule], spend(60n)))).toMatchObject({ kind: 'granted' })
  })

  it('I2: what a record posted beyond what it came to is given back where it was posted, though that day is over', async () => {
    const { clock, own, workers } = await openHouse()
    const [{ ledger }, other] = workers
    await ledger.reserve(sampleHold('batch/1', [rule], spend(60n)))
    const { entry } = ledger.settle('batch/1', spend(60n))
    for (let turns = 0; turns < 4; turns += 1) await turn()
    const [account] = await own.balances([rule])
    clock.turn(86_400_000)
    const asked = { requestId: 'batch', attempt: 1, postings: entry, subject: 'batch b' }
    await other.ledger.giveBack({ ...asked, cameTo: { nanos: 25n, tokens: 0n } })
    const posted = await own.balancesOf([{ rule, accountId: account?.accountId ?? '' }])
    expect(posted.map((balance) => balance.posted)).toEqual([25n])
    expect((await own.balances([rule])).map((balance) => balance.posted)).toEqual([0n])
  })

  it('I6: a worker that dies leaves what had an intent counted, by what its record says, and frees the rest', async () => {
    const { own, workers } = await openHouse()
    const [dead, other] = workers
    const entryOf = async (holdId: string, nanos: bigint) => {
      const verdict = await dead.ledger.reserve(sampleHold(holdId, [rule], spend(nanos)))
      return verdict.kind === 'granted' ? verdict.entry : undefined
    }
    const postings = await entryOf('left/1', 40n)
    await entryOf('stayed/1', 30n)
    await entryOf('later/2+1', 20n)
    await other.ledger.reserve(sampleHold('other/1', [rule], spend(5n)))
    await dead.die()
    const records = [
      sampleIntent({ requestId: 'left', attempt: 1, postings }),
      sampleIntent({ requestId: 'later', attempt: 2 }),
    ]
    await dead.desk.bury(async (requestId) => records.filter((one) => one.requestId === requestId))
    expect(await own.balances([rule])).toMatchObject([{ posted: 40n, held: 5n }])
  })

  it('I5: what a dead worker left ends once, also where its records could not all be read at first', async () => {
    const { clock, own } = await openHouse()
    const faults: LedgerFault[] = []
    const dead = openWorker(clock, own, faults)
    for (const holdId of ['one/1', 'two/1', 'three/1'])
      await dead.ledger.reserve(sampleHold(holdId, [rule], spend(30n)))
    await dead.die()
    let isBroken = true
    const recordsOf = (requestId: string) =>
      requestId === 'two' && isBroken ? Promise.reject(new Error('disk I/O error')) : Promise.resolve([])
    await expect(dead.desk.bury(recordsOf)).rejects.toThrow('disk I/O error')
    expect(await heldOf(own)).toEqual([60n])
    isBroken = false
    await dead.desk.bury(recordsOf)
    expect(await heldOf(own)).toEqual([0n])
    expect(faults).toEqual([])
  })

  it('a worker that says what the books do not know ends nobody: it is a fault, and told', async () => {
    const { clock, own } = await openHouse()
    const faults: LedgerFault[] = []
    const { ledger, desk } = openWorker(clock, own, faults)
    await ledger.reserve(sampleHold('a/1', [rule], spend(40n)))
    desk.settle('a/1', '[["another account","1"]]')
    desk.dispatch('never/1')
    expect(faults.map(({ message }) => message)).toEqual(['a hold that is dispatched cannot be changed by post'])
    expect(await heldOf(own)).toEqual([40n])
  })

  it('I5: ends each hold once', async () => {
    const { own, workers } = await openHouse()
    const [{ ledger, desk }] = workers
    await ledger.reserve(sampleHold('a/1', [rule], spend(40n)))
    ledger.dispatch('a/1')
    expect(desk.hasOpen).toBe(true)
    expect(ledger.settle('a/1', spend(50n))).toEqual({
      entry: `[["${rule.id}@2026-11-23","50"]]`,
      excess: [{ accountId: `${rule.id}@2026-11-23`, amount: 10n }],
      excessEntry: `[["${rule.id}@2026-11-23","10"]]`,
    })
    expect(() => ledger.settle('a/1', spend(1n))).toThrow('there is no open hold a/1')
    expect(() => ledger.void('a/1')).toThrow('there is no open hold a/1')
    expect(() => ledger.release('a/1')).toThrow('there is no open hold a/1')
    expect(() => ledger.shrink('a/1', spend(1n))).toThrow('there is no open hold a/1')
    for (let turns = 0; turns < 4; turns += 1) await turn()
    expect(desk.hasOpen).toBe(false)
    expect(await own.balances([rule])).toMatchObject([{ posted: 50n, held: 0n }])
  })
})
