import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CatalogModel, CatalogTarget } from './catalog.ts'
import { explorationShare, inOrder, type Candidate, type Measures } from './strategy.ts'

const strategies = ['priority', 'weighted', 'cheapest', 'fastest', 'least-busy'] as const

const candidate = (id: string, weight = 1): Candidate => ({
  id,
  modelName: id,
  target: { weight } as CatalogTarget,
})

const measures = (changes: Partial<Measures> = {}): Measures => ({
  random: () => 0.5,
  isStream: true,
  stickyKey: () => undefined,
  estimateOf: () => undefined,
  health: { running: () => 0, expectedMs: () => undefined },
  ...changes,
})

const modelOf = (strategy: CatalogModel['strategy'], by?: 'session') =>
  ({ strategy, sticky: by && { by } }) as CatalogModel
const told = (strategy: CatalogModel['strategy'], candidates: readonly Candidate[], changes: Partial<Measures>) =>
  inOrder(modelOf(strategy), candidates, measures(changes)).map(({ candidate: { id }, reason }) => [id, reason])

const [a, b, c] = [candidate('a'), candidate('b'), candidate('c')]

describe('strategy cheapest', () => {
  it('goes by the price of this call, and puts what has no price last and says so', () => {
    const nanos: Readonly<Record<string, bigint>> = { b: 2_500_000n, c: 900n }
    expect(told('cheapest', [a, b, c], { estimateOf: ({ id }) => nanos[id] })).toEqual([
      ['c', 'cheapest: about 0.000000900 USD'],
      ['b', 'cheapest: about 0.002500000 USD'],
      ['a', 'cheapest: no price is known, so after those with one'],
    ])
  })

  it('takes an explicit zero for a price', () => {
    expect(told('cheapest', [a, b], { estimateOf: ({ id }) => (id === 'b' ? 0n : undefined) })[0]?.[0]).toBe('b')
  })
})

describe('strategy fastest', () => {
  const expectedMs = (id: string) => ({ a: 300, b: 100 })[id]
  const health = { running: () => 0, expectedMs }

  it('goes by the recent time to the first content, what was not measured behind', () => {
    expect(told('fastest', [a, b, c], { health })).toEqual([
      ['b', 'fastest: first content in about 100 ms'],
      ['a', 'fastest: first content in about 300 ms'],
      ['c', 'fastest: not measured lately'],
    ])
  })

  it('tries what was not measured first now and then, so that it is measured', () => {
    const lots = [explorationShare - 0.01, 0]
    expect(told('fastest', [a, b, c], { health, random: () => lots.shift() ?? 0 })).toEqual([
      ['c', 'fastest: not measured lately, so measured now'],
      ['b', 'fastest: first content in about 100 ms'],
      ['a', 'fastest: first content in about 300 ms'],
    ])
    expect(told('fastest', [a, b], { health, random: () => 0 })[0]?.[0]).toBe('b')
  })

  it('tells streams from whole answers', () => {
    const perKind = (id: string, isStream: boolean) => ((id === 'a') === isStream ? 10 : 20)
    const kinds = { running: () => 0, expectedMs: perKind }
    expect(told('fastest', [b, a], { health: kinds, isStream: true })[0]?.[0]).toBe('a')
    expect(told('fastest', [b, a], { health: kinds, isStream: false })[0]?.[0]).toBe('b')
  })
})

describe('strategy least-busy', () => {
  const running = (id: string) => ({ a: 4, b: 1, c: 2 })[id] ?? 0

  it('goes by attempts under way', () => {
    expect(told('least-busy', [a, b, c], { health: { running, expectedMs: () => undefined } })).toEqual([
      ['b', 'least busy: 1 running'],
      ['c', 'least busy: 2 running'],
      ['a', 'least busy: 4 running'],
    ])
  })

  it('goes by weight too, and by lot among equals', () => {
    const health = { running, expectedMs: () => undefined }
    expect(told('least-busy', [candidate('a', 8), b], { health })[0]?.[0]).toBe('a')
    const lots = [0.9, 0.1]
    const idle = { running: () => 0, expectedMs: () => undefined }
    expect(told('least-busy', [a, b], { health: idle, random: () => lots.shift() ?? 0 })[0]?.[0]).toBe('b')
  })
})

describe('stickiness', () => {
  it('gives calls that belong together one order, and leaves others to the strategy', () => {
    const model = modelOf('least-busy', 'session')
    const ordered = (key: string | undefined, random: number) =>
      inOrder(model, [a, b, c], measures({ stickyKey: () => key, random: () => random }))
    expect(ordered('run-1', 0.1)).toEqual(ordered('run-1', 0.9))
    expect(ordered('run-1', 0)[0]?.reason).toBe('sticky by session, choice 1')
    expect(ordered(undefined, 0)[0]?.reason).toBe('least busy: 0 running')
    const firsts = new Set(Array.from({ length: 50 }, (_, run) => ordered(`run-${run}`, 0)[0]?.candidate.id))
    expect(firsts).toEqual(new Set(['a', 'b', 'c']))
  })
})

it('every strategy orders every candidate exactly once, with a reason', () => {
  const anyCandidate = fc.record({
    weight: fc.double({ min: 0.1, max: 100, noNaN: true }),
    nanos: fc.option(fc.bigInt({ min: 0n, max: 10n ** 12n }), { nil: undefined }),
    ms: fc.option(fc.integer({ min: 0, max: 60_000 }), { nil: undefined }),
    running: fc.integer({ min: 0, max: 1_000 }),
  })
  fc.assert(
    fc.property(
      fc.constantFrom(...strategies),
      fc.array(anyCandidate, { maxLength: 32 }),
      fc.option(fc.string(), { nil: undefined }),
      fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
      (strategy, given, key, lots) => {
        const candidates = given.map(({ weight }, place) => candidate(String(place), weight))
        const of = ({ id }: { readonly id: string }) => given[Number(id)]
        const ordered = inOrder(modelOf(strategy, 'session'), candidates, {
          random: () => lots.next().value ?? 0,
          isStream: true,
          stickyKey: () => key,
          estimateOf: (one) => of(one)?.nanos,
          health: { running: (id) => of({ id })?.running ?? 0, expectedMs: (id) => of({ id })?.ms },
        })
        expect(ordered.map((one) => one.candidate.id).toSorted()).toEqual(candidates.map(({ id }) => id).toSorted())
        expect(ordered.every(({ reason }) => reason !== '')).toBe(true)
      },
    ),
  )
})
