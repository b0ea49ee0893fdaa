import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Book, headroomOf } from './book.ts'
import { LedgerFault, type Draw } from './hold.ts'

const accountIds = ['key', 'team', 'organisation'] as const
const draw = (accountId: string, amount: bigint): Draw => ({ accountId, amount })

function bookOf(caps: Readonly<Record<string, bigint>>): Book {
  const book = new Book()
  for (const [id, cap] of Object.entries(caps)) book.setCap(id, cap)
  return book
}

describe('a book', () => {
  it('sets aside in every account or in none (I8), and names the first that is short', () => {
    const book = bookOf({ key: 100n, team: 50n })
    expect(book.reserve('a', [draw('key', 60n), draw('team', 60n)])).toMatchObject({
      kind: 'short',
      needed: 60n,
      account: { id: 'team', cap: 50n, held: 0n },
    })
    expect(book.account('key')?.held).toBe(0n)
    expect(book.hold('a')).toBeUndefined()
  })

  it('grants what costs nothing where the budget is spent (M10)', () => {
    const book = bookOf({ key: 0n })
    expect(book.reserve('free', [draw('key', 0n)]).kind).toBe('granted')
    expect(book.reserve('paid', [draw('key', 1n)]).kind).toBe('short')
  })

  it('admits exactly as many of 500 as there is headroom for (M1)', () => {
    const book = bookOf({ key: 10_000n, team: 37n * 100n + 99n })
    const granted = Array.from({ length: 500 }, (_, place) =>
      book.reserve(`hold ${place}`, [draw('key', 1n), draw('team', 100n)]),
    ).filter(({ kind }) => kind === 'granted')
    expect(granted).toHaveLength(37)
  })

  it('posts the whole of what was spent, also beyond the hold, and then grants nothing (I3)', () => {
    const book = bookOf({ key: 100n })
    book.reserve('a', [draw('key', 80n)])
    book.dispatch('a')
    expect(book.post('a', [draw('key', 130n)])).toEqual([draw('key', 50n)])
    expect(book.account('key')).toMatchObject({ posted: 130n, held: 0n })
    expect(book.reserve('b', [draw('key', 1n)]).kind).toBe('short')
  })

  it('counts doubt as spent until it is resolved (I6), and frees what never left (I7)', () => {
    const book = bookOf({ key: 100n })
    book.reserve('a', [draw('key', 60n)])
    book.dispatch('a')
    book.doubt('a')
    expect(book.account('key')).toMatchObject({ held: 0n, unknown: 60n })
    expect(book.reserve('b', [draw('key', 60n)]).kind).toBe('short')
    book.post('a', [draw('key', 20n)])
    expect(book.reserve('b', [draw('key', 60n)]).kind).toBe('granted')
    expect(() => book.doubt('b')).toThrow(LedgerFault)
    book.void('b')
    expect(book.account('key')).toMatchObject({ posted: 20n, held: 0n, unknown: 0n })
  })

  it('keeps running holds when a cap is lowered, and refuses new work at once (I14)', () => {
    const book = bookOf({ key: 100n })
    book.reserve('a', [draw('key', 80n)])
    book.dispatch('a')
    book.setCap('key', 10n)
    expect(book.reserve('b', [draw('key', 1n)]).kind).toBe('short')
    book.post('a', [draw('key', 5n)])
    expect(book.reserve('b', [draw('key', 5n)]).kind).toBe('granted')
  })

  it('knows one end only: another one after it is a fault, the same one again is nothing (I5, I9)', () => {
    const book = bookOf({ key: 100n })
    book.reserve('a', [draw('key', 80n)])
    book.dispatch('a')
    book.post('a', [draw('key', 30n)])
    expect(book.post('a', [draw('key', 30n)])).toEqual([])
    expect(book.account('key')?.posted).toBe(30n)
    expect(() => book.post('a', [draw('key', 31n)])).toThrow('posted cannot be changed by post')
    expect(() => book.void('a')).toThrow(LedgerFault)
    expect(() => book.shrink('a', [draw('key', 1n)])).toThrow(LedgerFault)
  })

  it('never lets a hold grow, move to another account, or be posted before it was dispatched', () => {
    const book = bookOf({ key: 100n, team: 100n })
    book.reserve('a', [draw('key', 50n)])
    expect(() => book.post('a', [draw('key', 1n)])).toThrow(LedgerFault)
    book.dispatch('a')
    expect(() => book.shrink('a', [draw('key', 51n)])).toThrow(LedgerFault)
    expect(() => book.post('a', [draw('team', 1n)])).toThrow(LedgerFault)
  })

  it('does not close an account while something is held there (I13)', () => {
    const book = bookOf({ key: 100n })
    book.reserve('a', [draw('key', 50n)])
    expect(() => book.close('key')).toThrow(LedgerFault)
    expect(() => book.forget('a')).toThrow(LedgerFault)
    book.void('a')
    book.forget('a')
    book.close('key')
    expect(book.account('key')).toBeUndefined()
  })

  it('I9: grants the same hold again, and no other under its id', () => {
    const book = bookOf({ key: 100n })
    const draws = [draw('key', 60n)]
    expect([book.reserve('a', draws), book.reserve('a', [draw('key', 60n)])]).toEqual([
      { kind: 'granted' },
      { kind: 'granted' },
    ])
    expect(book.account('key')?.held).toBe(60n)
    expect(() => book.reserve('a', [draw('key', 61n)])).toThrow('hold a exists already')
    book.dispatch('a')
    expect(() => book.reserve('a', draws)).toThrow('hold a exists already')
    expect(book.hold('a')).toEqual({ phase: 'dispatched', draws })
  })

  it('I19: grants to the last unit, and nothing negative', () => {
    const book = bookOf({ key: 100n, over: 10n })
    expect(book.reserve('all', [draw('key', 100n)])).toEqual({ kind: 'granted' })
    expect(book.reserve('one', [draw('key', 1n)])).toMatchObject({ kind: 'short' })
    expect(() => book.reserve('b', [draw('key', -1n)])).toThrow('hold b: a negative amount in key')
    book.setCap('over', -1n)
    expect(book.reserve('free', [draw('over', 0n)])).toEqual({ kind: 'granted' })
  })

  it('shrinks a hold, which leaves room for others', () => {
    const book = bookOf({ key: 100n })
    book.reserve('a', [draw('key', 90n)])
    book.dispatch('a')
    book.shrink('a', [draw('key', 30n)])
    expect(book.account('key')).toMatchObject({ held: 30n })
    expect(book.reserve('b', [draw('key', 70n)])).toEqual({ kind: 'granted' })
  })

  it('I3: tells by how much each account was exceeded, and of no other', () => {
    const book = bookOf({ key: 100n, team: 100n, organisation: 100n })
    book.reserve('a', [draw('key', 10n), draw('team', 20n), draw('organisation', 30n)])
    book.dispatch('a')
    expect(book.post('a', [draw('key', 10n), draw('team', 25n), draw('organisation', 29n)])).toEqual([draw('team', 5n)])
  })

  it('adds what has no hold, and takes it away again', () => {
    const book = bookOf({ key: 100n })
    book.adjust('key', 7n)
    book.adjust('key', -3n)
    expect(book.account('key')).toMatchObject({ posted: 4n })
    expect(() => book.adjust('team', 1n)).toThrow('account team is not open')
  })

  it('knows which holds are open, and forgets those that have ended', () => {
    const book = bookOf({ key: 100n })
    for (const holdId of ['open', 'posted', 'voided']) book.reserve(holdId, [draw('key', 1n)])
    book.dispatch('posted')
    book.post('posted', [draw('key', 1n)])
    book.void('voided')
    expect([...book.openHolds()].map(([holdId]) => holdId)).toEqual(['open'])
    book.forget('posted')
    book.forget('never')
    expect(book.hold('posted')).toBeUndefined()
    expect(() => book.forget('open')).toThrow('hold open has not ended')
    expect(() => book.dispatch('posted')).toThrow('there is no hold posted to dispatch')
    expect(() => book.reserve('x', [draw('team', 1n)])).toThrow('account team is not open')
  })

  it('does not close an account in which something is in doubt', () => {
    const book = bookOf({ key: 100n })
    book.reserve('a', [draw('key', 1n)])
    book.dispatch('a')
    book.doubt('a')
    expect(() => book.close('key')).toThrow('account key holds something')
    book.close('never')
  })
})

/** What the book should say, worked out anew each time from the whole story. Slow and plain on purpose. */
class Model {
  readonly caps = new Map<string, bigint>()
  readonly adjusted = new Map<string, bigint>()
  readonly holds = new Map<string, { phase: string; draws: readonly Draw[] }>()

  sum(accountId: string, ...phases: readonly string[]): bigint {
    let sum = 0n
    for (const { phase, draws } of this.holds.values())
      if (phases.includes(phase)) for (const one of draws) if (one.accountId === accountId) sum += one.amount
    return sum
  }

  account(id: string) {
    return {
      id,
      cap: this.caps.get(id) ?? 0n,
      posted: this.sum(id, 'posted') + (this.adjusted.get(id) ?? 0n),
      held: this.sum(id, 'reserved', 'dispatched'),
      unknown: this.sum(id, 'unknown'),
    }
  }
}

const amount = fc.bigInt({ min: 0n, max: 400n })
const anyDraws = fc
  .subarray([...accountIds], { minLength: 1 })
  .chain((ids) => fc.tuple(...ids.map((id) => amount.map((size) => draw(id, size)))))
const holdId = fc.integer({ min: 0, max: 12 }).map((number) => `hold ${number}`)
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('reserve' as const), holdId, draws: anyDraws }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('dispatch' as const), holdId }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('shrink' as const), holdId, share: fc.bigInt(0n, 100n) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('post' as const), holdId, share: fc.bigInt(0n, 100n) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('void' as const), holdId }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('doubt' as const), holdId }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('cap' as const),
      accountId: fc.constantFrom(...accountIds),
      cap: fc.bigInt(0n, 1_000n),
    }),
  },
)

type Step = typeof step extends fc.Arbitrary<infer One> ? One : never

describe('the book and a plain model of it', () => {
  it('agree after every step, and no account is ever over its cap unless the cap was lowered (I1, I2, I5, I6, I14)', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const book = new Book()
        const model = new Model()
        const wasLowered = new Set<string>()
        for (const id of accountIds) {
          book.setCap(id, 500n)
          model.caps.set(id, 500n)
        }
        for (const one of steps) {
          take(one, book, model, wasLowered)
          for (const id of accountIds) {
            const account = model.account(id)
            expect(book.account(id)).toEqual(account)
            if (!wasLowered.has(id)) expect(headroomOf(account) >= 0n).toBe(true)
          }
        }
        for (const [id] of book.openHolds()) book.void(id)
        for (const id of accountIds) expect(book.account(id)).toMatchObject({ held: 0n, unknown: 0n })
      }),
      { numRuns: Number(process.env['WEIR_PROOF_RUNS'] ?? 1_000) },
    )
  })
})

function take(one: Step, book: Book, model: Model, wasLowered: Set<string>): void {
  if (one.kind === 'cap') {
    if (one.cap < (model.caps.get(one.accountId) ?? 0n)) wasLowered.add(one.accountId)
    book.setCap(one.accountId, one.cap)
    model.caps.set(one.accountId, one.cap)
    return
  }
  const known = model.holds.get(one.holdId)
  if (one.kind === 'reserve') {
    if (known) return
    const isGranted = one.draws.every(
      ({ accountId, amount: size }) => size === 0n || headroomOf(model.account(accountId)) >= size,
    )
    expect(book.reserve(one.holdId, one.draws).kind).toBe(isGranted ? 'granted' : 'short')
    if (isGranted) model.holds.set(one.holdId, { phase: 'reserved', draws: one.draws })
    return
  }
  const allowed: Readonly<Record<string, readonly string[]>> = {
    dispatch: ['reserved'],
    shrink: ['dispatched'],
    post: ['dispatched', 'unknown'],
    void: ['reserved', 'dispatched', 'unknown'],
    doubt: ['dispatched'],
  }
  if (!known || !allowed[one.kind]?.includes(known.phase)) return
  const draws =
    'share' in one
      ? known.draws.map(({ accountId, amount: size }) => draw(accountId, (size * one.share) / 100n))
      : known.draws
  switch (one.kind) {
    case 'dispatch':
      book.dispatch(one.holdId)
      model.holds.set(one.holdId, { phase: 'dispatched', draws })
      break
    case 'shrink':
      book.shrink(one.holdId, draws)
      model.holds.set(one.holdId, { phase: 'dispatched', draws })
      break
    case 'post':
      expect(book.post(one.holdId, draws)).toEqual([])
      model.holds.set(one.holdId, { phase: 'posted', draws })
      break
    case 'void':
      book.void(one.holdId)
      model.holds.set(one.holdId, { phase: 'voided', draws })
      break
    case 'doubt':
      book.doubt(one.holdId)
      model.holds.set(one.holdId, { phase: 'unknown', draws })
      break
  }
}
