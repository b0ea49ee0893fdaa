import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Book, headroomOf } from './book.ts'
import type { Draw } from './hold.ts'
import { LeaseOffice } from './lease-office.ts'

/** A worker as it will be: a book of its own, whose caps are what it was lent. */
class Worker {
  readonly id: string
  readonly book = new Book()
  readonly #office: LeaseOffice
  readonly #everyone: readonly Worker[]
  readonly #ends: string[] = []

  constructor(id: string, office: LeaseOffice, everyone: readonly Worker[]) {
    this.id = id
    this.#office = office
    this.#everyone = everyone
    for (const accountId of accountIds) this.book.setCap(accountId, 0n)
  }

  admit(holdId: string, draws: readonly Draw[]): boolean {
    if (this.book.reserve(holdId, draws).kind === 'granted') return true
    const wants = draws.map(({ accountId, amount }) => {
      const left = headroomOf(accountOf(this.book, accountId))
      return { accountId, amount: amount > left ? amount - left : 0n }
    })
    let short = this.#office.lend(this.id, wants)
    if (short.length > 0) {
      for (const { accountId, lenders } of short)
        for (const other of this.#everyone)
          if (other !== this && lenders.includes(other.id)) other.giveBackIdle(accountId)
      short = this.#office.lend(this.id, wants)
    }
    if (short.length > 0) return false
    for (const { accountId, amount } of wants) this.#raise(accountId, amount)
    for (const { accountId } of wants) this.#raise(accountId, this.#office.lendAhead(this.id, accountId, 50n, 3))
    return this.book.reserve(holdId, draws).kind === 'granted'
  }

  giveBackIdle(accountId: string): void {
    const idle = headroomOf(accountOf(this.book, accountId))
    if (idle <= 0n) return
    this.#office.giveBack(this.id, accountId, idle)
    this.#raise(accountId, -idle)
  }

  finish(holdId: string, draws: readonly Draw[]): void {
    this.book.dispatch(holdId)
    this.book.post(holdId, draws)
    for (const { accountId, amount } of draws) this.#office.post(this.id, accountId, amount)
    this.#ends.push(holdId)
  }

  #raise(accountId: string, amount: bigint): void {
    this.book.setCap(accountId, accountOf(this.book, accountId).cap + amount)
  }
}

const accountIds = ['key', 'organisation'] as const
const cap = 1_000n

describe('loans of headroom', () => {
  it('admit exactly as many of 500 as one book would, whichever workers they meet (M1, M2, I1, I19)', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 60n), fc.array(fc.nat(3), { minLength: 500, maxLength: 500 }), (amount, places) => {
        const { office, workers } = house(4)
        const draws = [{ accountId: 'organisation', amount }]
        const admitted = places.filter((place, index) => workers[place]?.admit(`hold ${index}`, draws))
        expect(BigInt(admitted.length)).toBe(cap / amount > 500n ? 500n : cap / amount)
        expect(office.headroom('organisation') >= 0n).toBe(true)
      }),
      { numRuns: 100 },
    )
  })

  it('never pass the cap, lose or invent an amount, through any run of calls (I1, I2)', () => {
    const step = fc.record({
      worker: fc.nat(2),
      amount: fc.bigInt(0n, 120n),
      share: fc.bigInt(0n, 100n),
      what: fc.constantFrom('admit', 'finish', 'recall'),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
        const { office, workers } = house(3)
        const underWay: { readonly worker: Worker; readonly holdId: string; readonly draws: readonly Draw[] }[] = []
        let spent = 0n
        for (const [index, { worker: place, amount, share, what }] of steps.entries()) {
          const worker = workers[place]
          if (!worker) continue
          if (what === 'admit') {
            const draws = accountIds.map((accountId) => ({ accountId, amount }))
            if (worker.admit(`hold ${index}`, draws)) underWay.push({ worker, holdId: `hold ${index}`, draws })
          } else if (what === 'recall') worker.giveBackIdle('key')
          else {
            const ended = underWay.shift()
            if (!ended) continue
            const draws = ended.draws.map(({ accountId, amount: held }) => ({
              accountId,
              amount: (held * share) / 100n,
            }))
            spent += draws[0]?.amount ?? 0n
            ended.worker.finish(ended.holdId, draws)
          }
          for (const accountId of accountIds) {
            expect(office.headroom(accountId) >= 0n).toBe(true)
            expect(office.posted(accountId)).toBe(spent)
            for (const one of workers) expect(headroomOf(accountOf(one.book, accountId)) >= 0n).toBe(true)
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  it('come back when a worker has died, once its spool is read', () => {
    const { office, workers } = house(2)
    workers[0]?.admit('a', [{ accountId: 'key', amount: 700n }])
    office.post('worker 0', 'key', 700n)
    office.bury('worker 0')
    expect(office.headroom('key')).toBe(300n)
    expect(workers[1]?.admit('b', [{ accountId: 'key', amount: 301n }])).toBe(false)
    expect(workers[1]?.admit('c', [{ accountId: 'key', amount: 300n }])).toBe(true)
  })
})

function house(size: number): { readonly office: LeaseOffice; readonly workers: readonly Worker[] } {
  const office = new LeaseOffice()
  for (const accountId of accountIds) office.open(accountId, cap, 0n)
  const workers: Worker[] = []
  for (let place = 0; place < size; place += 1) workers.push(new Worker(`worker ${place}`, office, workers))
  return { office, workers }
}

function accountOf(book: Book, accountId: string) {
  const account = book.account(accountId)
  if (!account) throw new Error(`account ${accountId} is not open`)
  return account
}
