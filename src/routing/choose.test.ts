import { beforeEach, describe, expect, it } from 'vitest'
import type { CircuitState } from './circuit.ts'
import { chooseAt, chooseNext, chooseWell, hasNext, type ChoosingHealth } from './choose.ts'
import type { HealthNote } from './health-state.ts'
import type { Target } from './plan.ts'

const target = (id: string, credentials = 1): Target => ({
  id,
  provider: {
    name: id,
    kind: 'openai',
    origin: 'http://127.0.0.1:1',
    endpoints: {},
    credentials: Array.from({ length: credentials }, (_, place) => ({ id: `${id}#${place}`, secret: '', weight: 1 })),
    priceProvider: undefined,
    network: { connectTimeoutMs: 1, maxConnections: 1 },
    tags: [],
    headers: () => [],
  },
  modelName: 'm',
  dialect: 'openai-chat',
  abilities: { lacks: new Set(), contextTokens: undefined, outputTokens: undefined, imageTokens: undefined },
  defaultOutputCapTokens: undefined,
  reason: '',
})

interface Given {
  readonly targets?: Readonly<Record<string, CircuitState>>
  readonly credentials?: Readonly<Record<string, CircuitState>>
  readonly dueInMs?: Readonly<Record<string, number>>
  /** Which subjects' probes are granted; or all, or none. */
  readonly grants?: boolean | readonly string[]
}

let noted: HealthNote[] = []
beforeEach(() => void (noted = []))

function healthOf({ targets = {}, credentials = {}, dueInMs = {}, grants = true }: Given): ChoosingHealth {
  return {
    target: (id) => targets[id] ?? 'closed',
    credential: (_, id) => credentials[id] ?? 'closed',
    dueInMs: (id) => dueInMs[id] ?? 0,
    claimProbe: (subject) => Promise.resolve(typeof grants === 'boolean' ? grants : grants.includes(subject)),
    note: (note) => void noted.push(note),
  }
}

const [a, b, c] = [target('a'), target('b'), target('c')]
const choose = (given: Given, tried: readonly Target[] = [], targets = [a, b, c]) =>
  chooseNext(targets, new Set(tried), healthOf(given), () => 0)

describe('the next target', () => {
  it('is the first that is well and was not tried', async () => {
    expect(await choose({})).toMatchObject({ target: { id: 'a' }, note: undefined, isLastResort: false, probes: [] })
    expect(await choose({}, [a])).toMatchObject({ target: { id: 'b' } })
    expect(await choose({ targets: { a: 'open' } })).toMatchObject({
      target: { id: 'b' },
      note: 'a has failed too often',
    })
    expect(await choose({}, [a, b, c])).toBeUndefined()
  })

  it('passes over one whose every credential rests', async () => {
    expect(await choose({ credentials: { 'a#0': 'resting' } })).toMatchObject({
      target: { id: 'b' },
      note: 'a limits our rate',
    })
    expect(await choose({ credentials: { 'a#0': 'open' } })).toMatchObject({ note: 'a has no credential that is well' })
    const two = target('two', 2)
    expect(await choose({ credentials: { 'two#0': 'resting' } }, [], [two])).toMatchObject({
      credential: { id: 'two#1' },
    })
  })

  it('is a half-open one for whoever is granted the probe', async () => {
    expect(await choose({ targets: { a: 'half-open' } })).toMatchObject({
      target: { id: 'a' },
      note: 'probe of the target',
      probes: ['target a'],
    })
    expect(await choose({ targets: { a: 'half-open' }, grants: false })).toMatchObject({
      target: { id: 'b' },
      note: 'a is being probed',
    })
    expect(await choose({ credentials: { 'a#0': 'half-open' } })).toMatchObject({
      note: 'probe of credential a#0',
      probes: ['credential a#0'],
    })
    expect(await chooseAt(a, healthOf({ targets: { a: 'half-open' }, grants: false }), () => 0)).toBeUndefined()
  })

  it('is one probe of both where the target and its credential are due', async () => {
    const due = { targets: { a: 'half-open' }, credentials: { 'a#0': 'half-open' } } as const
    expect(await choose(due)).toMatchObject({
      target: { id: 'a' },
      credential: { id: 'a#0' },
      note: 'probe of the target, probe of credential a#0',
      probes: ['target a', 'credential a#0'],
    })
    expect(noted).toEqual([])
    // Somebody else probes the credential: then the target's probe is given back.
    expect(await choose({ ...due, grants: ['target a'] })).toMatchObject({ target: { id: 'b' } })
    expect(noted).toEqual([{ kind: 'probe-released', subject: 'target a' }])
    expect(await choose({ ...due, credentials: { 'a#0': 'open' } })).toMatchObject({ target: { id: 'b' } })
  })

  it('beside a slow attempt is one that is well, and no probe', () => {
    const well = (given: Given, tried: readonly Target[]) =>
      chooseWell([a, b, c], new Set(tried), healthOf(given), () => 0)
    expect(well({}, [a])).toMatchObject({ target: { id: 'b' }, credential: { id: 'b#0' }, isLastResort: false })
    expect(well({ targets: { b: 'half-open' } }, [a])).toMatchObject({ target: { id: 'c' }, probes: [] })
    expect(well({ credentials: { 'b#0': 'half-open', 'c#0': 'resting' } }, [a])).toBeUndefined()
    expect(well({}, [a, b, c])).toBeUndefined()
  })

  it('is the one due back first when none is well: the last candidate is always tried', async () => {
    const open = { a: 'open', b: 'open', c: 'resting' } as const
    expect(await choose({ targets: open, dueInMs: { a: 3_000, b: 1_000, c: 2_000 } })).toMatchObject({
      target: { id: 'b' },
      isLastResort: true,
      note: 'last resort: a has failed too often, b has failed too often, c asked to be left alone',
    })
  })

  it('exists after a failure when one is left, but after a last resort only one that is well', () => {
    const open = healthOf({ targets: { b: 'open', c: 'open' } })
    expect(hasNext([a, b, c], new Set([a]), open, false)).toBe(true)
    expect(hasNext([a, b, c], new Set([a]), open, true)).toBe(false)
    expect(hasNext([a, b, c], new Set([a]), healthOf({}), true)).toBe(true)
    const limited = { credentials: { 'b#0': 'resting', 'c#0': 'open' } } as const
    expect(hasNext([a, b, c], new Set([a]), healthOf(limited), false)).toBe(true)
    expect(hasNext([a, b, c], new Set([a]), healthOf(limited), true)).toBe(false)
    const due = healthOf({ credentials: { ...limited.credentials, 'c#0': 'half-open' } })
    expect(hasNext([a, b, c], new Set([a]), due, true)).toBe(true)
    expect(hasNext([a], new Set([a]), healthOf({}), false)).toBe(false)
  })
})
