import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { turnedClock, type TurnedClock } from '../../test/turned-clock.ts'
import { expiringLimits, openExpiring, type Expiring } from './expiring.ts'
import type { GatewayError } from '../canonical/error.ts'
import type { AuthorizationMeans, Upstream } from './provider.ts'

const hourMs = 3_600_000

describe('what expires', () => {
  it('is fetched once for however many want it at once', async () => {
    const { means, clock, asked, current } = house()
    const all = Promise.all(Array.from({ length: 50 }, () => current(means)))
    await nextTurn()
    asked[0]?.resolve({ value: 'one', expiresAtMs: clock.nowMs() + hourMs })
    expect(new Set(await all)).toEqual(new Set(['one']))
    expect(await current(means)).toBe('one')
    expect(asked).toHaveLength(1)
  })

  it('is renewed before it expires, once, while the old one serves', async () => {
    const { means, clock, asked, current } = house()
    await first(clock, asked, current(means))
    clock.turn(hourMs - expiringLimits.renewBeforeMs)
    expect(await Promise.all([current(means), current(means), current(means)])).toEqual(['one', 'one', 'one'])
    expect(asked).toHaveLength(2)
    asked[1]?.resolve({ value: 'two', expiresAtMs: clock.nowMs() + hourMs })
    await nextTurn()
    expect(await current(means)).toBe('two')
  })

  it('is renewed at half its life where that is short', async () => {
    const { means, clock, asked, current } = house()
    const told = current(means)
    asked[0]?.resolve({ value: 'one', expiresAtMs: clock.nowMs() + 60_000 })
    await told
    clock.turn(29_000)
    await current(means)
    expect(asked).toHaveLength(1)
    clock.turn(1_000)
    expect([await current(means), asked.length]).toEqual(['one', 2])
  })

  it('serves on when a renewal fails, which is tried again after a while, until it has expired', async () => {
    const { means, clock, asked, current, failures } = house()
    await first(clock, asked, current(means))
    clock.turn(hourMs - expiringLimits.renewBeforeMs)
    await current(means)
    asked[1]?.reject(new Error('down'))
    await nextTurn()
    expect([await current(means), asked.length]).toEqual(['one', 2])
    clock.turn(expiringLimits.retryMs)
    expect([await current(means), asked.length]).toEqual(['one', 3])
    asked[2]?.reject(new Error('down'))
    await nextTurn()
    clock.turn(expiringLimits.renewBeforeMs)
    const late = current(means)
    asked[3]?.reject(new Error('secret-in-a-message'))
    await expect(late).rejects.toMatchObject({
      kind: 'upstream_credential',
      message: expect.not.stringContaining('secret-in-a-message'),
    })
    // Each failure is told for the log, those that no call was hurt by too.
    expect(failures).toHaveLength(3)
    expect(String(failures.map(([provider, { message, cause }]) => [provider, message, cause]))).not.toContain('secret')
  })

  it('is not waited for without end, and may be had later', async () => {
    const { means, clock, asked, current } = house()
    const told = current(means)
    clock.turn(expiringLimits.fetchMs)
    await expect(told).rejects.toMatchObject({ kind: 'upstream_credential' })
    expect(asked[0]?.ending.aborted).toBe(true)
    const again = current(means)
    asked[1]?.resolve({ value: 'two', expiresAtMs: clock.nowMs() + hourMs })
    expect(await again).toBe('two')
    expect(clock.pendingTimers).toBe(0)
  })

  it('is none where it has expired as it comes', async () => {
    const { means, clock, asked, current } = house()
    const told = current(means)
    asked[0]?.resolve({ value: 'old', expiresAtMs: clock.nowMs() })
    await expect(told).rejects.toMatchObject({ kind: 'upstream_credential' })
  })

  it('may stay for ever', async () => {
    const { means, clock, asked, current } = house()
    const told = current(means)
    asked[0]?.resolve({ value: 'one', expiresAtMs: Infinity })
    await told
    clock.turn(1e12)
    expect([await current(means), asked.length]).toEqual(['one', 1])
  })
})

interface Fetch {
  readonly ending: AbortSignal
  resolve(expiring: Expiring<string>): void
  reject(thrown: Error): void
}

function house() {
  const clock = turnedClock()
  const asked: Fetch[] = []
  const unused: Upstream = { send: () => expect.fail('nothing is sent'), close: async () => {} }
  const failures: [provider: string, problem: GatewayError][] = []
  const means: AuthorizationMeans = {
    clock,
    upstream: unused,
    onNoCredential: (...failure) => void failures.push(failure),
  }
  const current = openExpiring<string>('it', (_means, ending) => {
    const { promise, resolve, reject } = Promise.withResolvers<Expiring<string>>()
    asked.push({ ending, resolve, reject })
    return promise
  })
  return { clock, means, asked, current, failures }
}

async function first(clock: TurnedClock, asked: readonly Fetch[], told: Promise<string>): Promise<void> {
  asked[0]?.resolve({ value: 'one', expiresAtMs: clock.nowMs() + hourMs })
  expect(await told).toBe('one')
}
