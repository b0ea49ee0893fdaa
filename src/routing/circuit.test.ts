import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  afterBegin,
  afterCut,
  afterEnd,
  afterFailure,
  afterLimit,
  afterRefusal,
  afterSuccess,
  circuitLimits,
  freshCircuit,
  isProbed,
  isProven,
  probing,
  resting,
  stateOf,
  type Circuit,
} from './circuit.ts'

const { failuresInARow, openMs, longestOpenMs, ratioCalls, windowMs, forgottenAfterMs } = circuitLimits
const startMs = 1_000_000
const failed = (times: number, nowMs = startMs, from: Circuit = freshCircuit): Circuit =>
  Array.from({ length: times }).reduce<Circuit>((circuit) => afterFailure(circuit, nowMs, false), from)

describe('fault 18: a circuit breaker', () => {
  it('opens after failures in a row, and not before', () => {
    expect(stateOf(failed(failuresInARow - 1), startMs)).toBe('closed')
    expect(stateOf(failed(failuresInARow), startMs)).toBe('open')
    const interrupted = failed(failuresInARow - 1, startMs, afterSuccess(failed(failuresInARow - 1), startMs))
    expect(stateOf(interrupted, startMs)).toBe('closed')
  })

  it('opens by the share that failed lately, though successes lie between', () => {
    let circuit = freshCircuit
    for (let call = 0; call < ratioCalls; call += 1) {
      expect(stateOf(circuit, startMs)).toBe('closed')
      circuit = call % 2 === 0 ? afterSuccess(circuit, startMs) : afterFailure(circuit, startMs, false)
    }
    expect(stateOf(circuit, startMs)).toBe('open')
  })

  it('does not hold failures of windows long past against it', () => {
    let circuit = freshCircuit
    for (let call = 0; call < 200; call += 1) {
      const nowMs = startMs + call * windowMs
      circuit = call % 2 === 0 ? afterSuccess(circuit, nowMs) : afterFailure(circuit, nowMs, false)
      expect(stateOf(circuit, nowMs)).toBe('closed')
    }
  })

  it('is half-open when its time is up, closes at a success, and opens for longer at each failed probe', () => {
    let circuit = failed(failuresInARow)
    let nowMs = startMs
    for (let opening = 0; opening < 10; opening += 1) {
      const forMs = Math.min(openMs * 2 ** opening, longestOpenMs)
      expect(stateOf(circuit, nowMs + forMs - 1)).toBe('open')
      expect(stateOf(circuit, nowMs + forMs)).toBe('half-open')
      nowMs += forMs
      circuit = afterFailure(circuit, nowMs, true)
    }
    expect(stateOf(afterSuccess(circuit, nowMs), nowMs)).toBe('closed')
  })

  it('is not opened again, nor for longer, by what was sent before it opened', () => {
    const open = failed(failuresInARow)
    const late = failed(20, startMs + 1_000, open)
    expect(late.openUntilMs).toBe(open.openUntilMs)
    expect(late.openings).toBe(1)
    // Nor where it comes to nothing only when the time is up, and a probe may be under way.
    const halfOpen = failed(20, startMs + openMs, open)
    expect(stateOf(halfOpen, startMs + openMs)).toBe('half-open')
    const probed = afterFailure(probing(halfOpen, startMs + openMs), startMs + openMs, false)
    expect([stateOf(probed, startMs + openMs), isProbed(probed, startMs + openMs)]).toEqual(['half-open', true])
  })

  it('stays open as long as the provider asked for, and is half-open then', () => {
    const told = resting(failed(failuresInARow), startMs, 60_000)
    expect(stateOf(told, startMs + openMs)).toBe('open')
    expect(stateOf(told, startMs + 60_000)).toBe('half-open')
  })

  it('is opened for longer by a failed probe that was told when to come back', () => {
    const nowMs = startMs + openMs
    const told = resting(probing(failed(failuresInARow), nowMs), nowMs, 1_000)
    expect(afterFailure(told, nowMs, true)).toMatchObject({ openings: 2, openUntilMs: nowMs + 2 * openMs })
    // A last resort is no probe.
    const unasked = resting(failed(failuresInARow), nowMs, 1_000)
    expect(afterFailure(unasked, nowMs, false).openings).toBe(1)
  })

  it('is as new when nothing was seen for long', () => {
    const open = failed(failuresInARow)
    expect(stateOf(open, open.openUntilMs + forgottenAfterMs)).toBe('half-open')
    expect(stateOf(open, open.openUntilMs + forgottenAfterMs + 1)).toBe('closed')
    expect(afterFailure(open, open.openUntilMs + forgottenAfterMs + 1, false).failuresInARow).toBe(1)
  })

  it('is open at once when a secret is refused', () => {
    expect(stateOf(afterRefusal(freshCircuit, startMs, 300_000), startMs + 299_999)).toBe('open')
  })
})

describe('fault 9: streams that break off', () => {
  /** Streams one after the other: begun, and cut or ended as told. */
  const streamed = (cuts: readonly boolean[], nowMs = startMs, from: Circuit = freshCircuit): Circuit =>
    cuts.reduce<Circuit>((circuit, isCut) => {
      const begun = afterBegin(circuit, nowMs)
      return isCut ? afterCut(begun, nowMs) : afterEnd(begun, nowMs)
    }, from)
  const allCut = Array.from({ length: failuresInARow }, () => true)

  it('open a circuit when they do so in a row, though each began well', () => {
    expect(stateOf(streamed(allCut.slice(1)), startMs)).toBe('closed')
    expect(stateOf(streamed(allCut), startMs)).toBe('open')
    expect(stateOf(streamed([...allCut.slice(1), false, ...allCut.slice(1)]), startMs)).toBe('closed')
  })

  it('open it by their share too, in which each stream counts once', () => {
    const cuts = Array.from({ length: ratioCalls }, (_, place) => place % 2 === 1)
    expect(stateOf(streamed(cuts), startMs)).toBe('open')
    expect(stateOf(streamed(cuts.slice(1)), startMs)).toBe('closed')
    const seldom = Array.from({ length: 10 * ratioCalls }, (_, place) => place % 3 === 0)
    expect(stateOf(streamed(seldom), startMs)).toBe('closed')
  })

  it('keep it open, and open it again at once and for longer when the probe began and broke off', () => {
    const open = streamed(allCut)
    // Sent before it opened, or as a last resort.
    expect(stateOf(streamed([true, false], open.openUntilMs - 1, open), open.openUntilMs - 1)).toBe('open')
    const begun = afterBegin(open, open.openUntilMs)
    expect(stateOf(begun, open.openUntilMs)).toBe('closed')
    expect(isProven(begun, open.openUntilMs)).toBe(false)
    const cut = afterCut(begun, open.openUntilMs)
    expect(cut).toMatchObject({ isTripped: true, openings: 2, openUntilMs: open.openUntilMs + 2 * openMs })
    expect(afterEnd(begun, open.openUntilMs)).toMatchObject({ cutsInARow: 0, openings: 0 })
  })

  it('close at once what opened because of other failures', () => {
    expect(stateOf(afterBegin(failed(failuresInARow), startMs), startMs)).toBe('closed')
  })

  it('tell nothing new when they began before it opened', () => {
    const open = failed(failuresInARow)
    expect(stateOf(afterEnd(open, startMs), startMs)).toBe('open')
    expect(afterCut(open, open.openUntilMs)).toMatchObject({ openings: 1, openUntilMs: open.openUntilMs })
  })

  it('failures are not in a row while streams begin, and are while old ones end', () => {
    let circuit = freshCircuit
    for (let call = 0; call < 10; call += 1)
      circuit = afterBegin(failed(failuresInARow - 1, startMs + call * windowMs, circuit), startMs + call * windowMs)
    const nowMs = startMs + 10 * windowMs
    expect(stateOf(circuit, nowMs)).toBe('closed')
    circuit = afterEnd(failed(failuresInARow - 1, nowMs, circuit), nowMs)
    expect(stateOf(failed(1, nowMs, circuit), nowMs)).toBe('open')
  })
})

describe('fault 17: a limit', () => {
  it('rests for as long as told, up to an hour, and then is well again', () => {
    expect(stateOf(resting(freshCircuit, startMs, 2_000), startMs + 1_999)).toBe('resting')
    expect(stateOf(resting(freshCircuit, startMs, 2_000), startMs + 2_000)).toBe('closed')
    expect(stateOf(resting(freshCircuit, startMs, 86_400_000), startMs + 3_600_000)).toBe('closed')
  })

  it('rests for longer each time when the provider does not say, and never shortens what it said', () => {
    const first = afterLimit(freshCircuit, startMs)
    expect(first.restUntilMs - startMs).toBe(1_000)
    const second = afterLimit(first, first.restUntilMs)
    expect(second.restUntilMs - first.restUntilMs).toBe(2_000)
    const told = resting(freshCircuit, startMs, 30_000)
    expect(afterLimit(told, startMs).restUntilMs).toBe(told.restUntilMs)
    expect(resting(told, startMs, 1_000).restUntilMs).toBe(told.restUntilMs)
  })

  it('is once in a row for all calls that it refused while it rested', () => {
    let circuit = freshCircuit
    for (let call = 0; call < 12; call += 1) circuit = afterLimit(circuit, startMs + call)
    expect(circuit.restUntilMs).toBe(startMs + 1_000)
    expect(afterLimit(circuit, startMs + 1_000).restUntilMs).toBe(startMs + 3_000)
  })
})

it('a target is proven by a fresh success only', () => {
  expect(isProven(freshCircuit, startMs)).toBe(false)
  const served = afterSuccess(freshCircuit, startMs)
  expect(isProven(served, startMs + 30_000)).toBe(true)
  expect(isProven(served, startMs + 30_001)).toBe(false)
  expect(isProven(afterFailure(served, startMs + 1, false), startMs + 1)).toBe(false)
})

it('whatever happens, a circuit is never open for longer than its bounds say', () => {
  const step = fc.record({
    what: fc.constantFrom('success', 'failure', 'failed probe', 'begin', 'end', 'cut', 'limit', 'rest'),
    laterMs: fc.integer({ min: 0, max: 100_000 }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let nowMs = startMs
      let circuit = freshCircuit
      for (const { what, laterMs } of steps) {
        nowMs += laterMs
        if (what === 'success') circuit = afterSuccess(circuit, nowMs)
        if (what === 'failure') circuit = afterFailure(circuit, nowMs, false)
        if (what === 'failed probe') circuit = afterFailure(probing(circuit, nowMs), nowMs, true)
        if (what === 'begin') circuit = afterBegin(circuit, nowMs)
        if (what === 'end') circuit = afterEnd(circuit, nowMs)
        if (what === 'cut') circuit = afterCut(circuit, nowMs)
        if (what === 'limit') circuit = afterLimit(circuit, nowMs)
        if (what === 'rest') circuit = resting(circuit, nowMs, laterMs * 100)
        expect(circuit.openUntilMs - nowMs).toBeLessThanOrEqual(longestOpenMs)
        expect(circuit.restUntilMs - nowMs).toBeLessThanOrEqual(circuitLimits.longestRestMs)
        expect(JSON.parse(JSON.stringify(circuit))).toEqual(circuit)
      }
    }),
  )
})
