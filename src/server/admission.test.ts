import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../test/replay-upstream.ts'
import { turnedClock } from '../../test/turned-clock.ts'
import { GatewayError } from '../canonical/error.ts'
import type { Principal } from '../canonical/principal.ts'
import { loopWindowMs, openAdmission, sampleMs, type Place } from './admission.ts'
import type { Probes } from './probes.ts'
import { serverSettings } from './settings.ts'

/** Readings that a test turns by hand. */
interface Knobs {
  memoryShare: number
  usualMs: number
  longestMs: number
  openFiles: number | undefined
}

function house(settings: object = {}, random = seededRandom(7)) {
  const knobs: Knobs = { memoryShare: 0.1, usualMs: 0, longestMs: 0, openFiles: 100 }
  const probes: Probes = {
    memoryShare: () => knobs.memoryShare,
    loopDelay: () => ({ usualMs: knobs.usualMs, longestMs: knobs.longestMs }),
    openFiles: () => knobs.openFiles,
    fileLimit: 1_024,
    close: () => undefined,
  }
  const clock = turnedClock()
  const stalls: number[] = []
  const limits = serverSettings.parse(settings)
  const admission = openAdmission({ clock, random, probes, limits: () => limits, onStall: (ms) => stalls.push(ms) })
  return { knobs, clock, stalls, admission }
}

describe('a call', () => {
  it('is refused with a wait of its own while there is no room, and let in as soon as there is', () => {
    const { admission } = house({ maxExchanges: 2 })
    const first = admission.enter()
    admission.enter()
    const waits = Array.from({ length: 50 }, () => refusalOf(() => admission.enter()).retryAfterSeconds)
    expect(new Set(waits)).toEqual(new Set([1, 2, 3]))
    first.leave()
    first.leave()
    admission.enter()
    expect(refusalOf(() => admission.enter()).message).toMatch(/as many calls under way as it may; try again in \d s/)
    expect(admission.view()).toMatchObject({ readings: { exchanges: 2 }, shed: { exchanges: 51 } })
  })

  it('N6 fault 42 is refused while memory is short; those that run go on, and it recovers by itself', () => {
    const { admission, knobs, clock } = house()
    const running = admission.enter()
    knobs.memoryShare = 0.9
    clock.turn(sampleMs)
    expect(refusalOf(() => admission.enter()).message).toContain('short of memory')
    // The body of a call that is in goes on being read.
    running.hold(1_000)
    knobs.memoryShare = 0.8
    clock.turn(sampleMs)
    admission.enter()
    expect(admission.view()).toMatchObject({ readings: { exchanges: 2, memoryShare: 0.8 }, shed: { memory: 1 } })
  })

  it('fault 43 is refused while only the reserve of file descriptors is left; new connections count at once', () => {
    const { admission, knobs, clock } = house({ shed: { fileReserve: 64 } })
    knobs.openFiles = 958
    clock.turn(sampleMs)
    expect(admission.connected()).toBeUndefined()
    expect(admission.connected()).toBeUndefined()
    expect(admission.connected()).toBe('files')
    expect(refusalOf(() => admission.enter()).message).toContain('file descriptors')
    knobs.openFiles = 200
    clock.turn(sampleMs)
    expect(admission.connected()).toBeUndefined()
    admission.enter()
  })

  it('N6 whose body would be one too many is refused: announced before a byte is read, else when it comes', () => {
    const { admission } = house({ maxBodyBytes: 1_024, maxHeldBodyBytes: 2_048 })
    const first = admission.enter()
    first.hold(1_024)
    const second = admission.enter()
    second.expect(1_024)
    second.hold(1_000)
    expect(refusalOf(() => second.hold(100)).message).toContain('bytes of request bodies')
    expect(refusalOf(() => second.expect(1_024)).kind).toBe('overloaded')
    first.leave()
    second.hold(100)
    second.leave()
    expect(admission.view().readings.heldBodyBytes).toBe(0)
  })
})

describe('the event loop', () => {
  it('fault 41 that stood still for 2 s is counted and told, and nobody is refused for it', () => {
    const { admission, knobs, clock, stalls } = house()
    admission.enter()
    knobs.longestMs = 2_000
    clock.turn(loopWindowMs)
    admission.enter().admit(caller('acme'))
    knobs.longestMs = 3
    clock.turn(loopWindowMs)
    admission.enter().admit(caller('acme'))
    expect(stalls).toEqual([2_000])
    expect(admission.view()).toMatchObject({ stalls: 1, shed: { loop: 0 } })
  })

  it('that is late refuses part of the calls, those of the busiest first, and all when it is twice as late', () => {
    const { admission, knobs, clock } = house()
    admission.enter()
    knobs.usualMs = 70
    clock.turn(loopWindowMs)
    const shares = { busy: 0, quiet: 0 }
    for (let round = 0; round < 500; round += 1) {
      if (getsIn(admission.enter(), caller('busy'))) shares.busy += 1
      const place = admission.enter()
      if (getsIn(place, caller('quiet'))) shares.quiet += 1
      place.leave()
    }
    expect(shares.quiet).toBe(500)
    expect(shares.busy).toBeGreaterThan(60)
    expect(shares.busy).toBeLessThan(140)
    knobs.usualMs = 100
    clock.turn(loopWindowMs)
    expect(getsIn(admission.enter(), caller('quiet'))).toBe(false)
  })
})

/*
 * Arrivals on a clock of its own, seeded: ten organisations share 100 places. Nine of them want half of their share; one wants ten times
 * its share.
 */
describe('fairness', () => {
  it.each([
    ['organisations', (tenant: number) => caller(`o${tenant}`)],
    ['keys of one organisation', (tenant: number) => caller('acme', `k${tenant}`)],
  ])('one tenant at ten times its share leaves the success of the others untouched (%s)', (_what, tenantOf) => {
    const { admission, clock } = house({ maxExchanges: 100 })
    const random = seededRandom(42)
    const asked = Array.from({ length: 10 }, () => 0)
    const served = Array.from({ length: 10 }, () => 0)
    const ending = new Map<number, Place[]>()
    const serviceMs = 1_000
    const arrive = (tenant: number, nowMs: number) => {
      asked[tenant] = (asked[tenant] ?? 0) + 1
      let place: Place | undefined
      try {
        place = admission.enter()
        place.admit(tenantOf(tenant))
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(GatewayError)
        place?.leave()
        return
      }
      served[tenant] = (served[tenant] ?? 0) + 1
      const endMs = nowMs + Math.round(serviceMs * (0.5 + random()))
      ending.set(endMs, [...(ending.get(endMs) ?? []), place])
    }
    for (let nowMs = 0; nowMs < 120_000; nowMs += 1) {
      for (const place of ending.get(nowMs) ?? []) place.leave()
      ending.delete(nowMs)
      // A share of ten places and a second each: half of it is 5 calls a second, ten times is 100.
      for (let tenant = 1; tenant < 10; tenant += 1) if (random() < 0.005) arrive(tenant, nowMs)
      if (nowMs > 10_000 && random() < 0.1) arrive(0, nowMs)
      clock.turn(1)
    }
    const others = asked.slice(1).reduce((sum, count) => sum + count, 0)
    const othersServed = served.slice(1).reduce((sum, count) => sum + count, 0)
    expect(others).toBeGreaterThan(5_000)
    expect(othersServed / others).toBeGreaterThanOrEqual(0.9999)
    // What nobody else wants is not kept from the greedy one: well above its share of ten places.
    expect(served[0]).toBeGreaterThan(2 * 10 * 110)
    expect(served[0]).toBeLessThan(asked[0] ?? 0)
  })

  it('names the level that has its share', () => {
    const { admission } = house({ maxExchanges: 10, shed: { fairFrom: 0.5 } })
    admission.enter().admit(caller('small'))
    for (let place = 0; place < 7; place += 1) admission.enter().admit(caller('big'))
    expect(refusalOf(() => admission.enter().admit(caller('big'))).message).toContain(
      'organisation big has its fair share',
    )
    admission.enter().admit(caller('small', 'second'))
  })
})

function caller(organisation: string, keyId = 'k'): Principal {
  return {
    organisation,
    team: undefined,
    project: undefined,
    user: undefined,
    agent: undefined,
    keyId,
    keyName: keyId,
    allowedModels: [],
    limits: [],
    budgets: [],
    runId: undefined,
    requiredTags: [],
    metadata: {},
  }
}

function getsIn(place: Place, principal: Principal): boolean {
  try {
    place.admit(principal)
    return true
  } catch (thrown) {
    expect(thrown).toMatchObject({ kind: 'overloaded' })
    place.leave()
    return false
  }
}

function refusalOf(call: () => unknown): GatewayError {
  try {
    call()
  } catch (thrown) {
    if (thrown instanceof GatewayError && thrown.kind === 'overloaded') return thrown
    throw thrown
  }
  throw new Error('it was let in')
}
