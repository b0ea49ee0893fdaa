import { describe, expect, it } from 'vitest'
import { turnedClock } from '../../test/turned-clock.ts'
import { MovingDeadline } from './moving-deadline.ts'

function opened(longestSleepMs: number) {
  const clock = turnedClock()
  const passedAtMs: number[] = []
  const deadline = new MovingDeadline(clock, longestSleepMs, () => passedAtMs.push(clock.monotonicMs()))
  return { clock, passedAtMs, deadline }
}

describe('a moving deadline', () => {
  it('passes once, when its time has come and not before', () => {
    const { clock, passedAtMs, deadline } = opened(60)
    deadline.move(300)
    clock.turn(299)
    expect(passedAtMs).toEqual([])
    clock.turn(1000)
    expect(passedAtMs).toEqual([300])
  })

  it('is moved on by every byte, with one timer for all of them', () => {
    const { clock, passedAtMs, deadline } = opened(60)
    deadline.move(60)
    for (let byte = 0; byte < 100; byte += 1) {
      clock.turn(59)
      deadline.move(60)
      expect(clock.pendingTimers).toBe(1)
    }
    expect(passedAtMs).toEqual([])
    clock.turn(60)
    expect(passedAtMs).toEqual([5960])
  })

  it('may be moved nearer', () => {
    const { clock, passedAtMs, deadline } = opened(1000)
    deadline.move(1000)
    deadline.move(10)
    clock.turn(10)
    expect(passedAtMs).toEqual([10])
  })

  it('does not pass while it is held, however long, and starts anew afterwards', () => {
    const { clock, passedAtMs, deadline } = opened(60)
    deadline.move(60)
    deadline.hold()
    clock.turn(10_000)
    deadline.move(60)
    clock.turn(59)
    expect(passedAtMs).toEqual([])
    clock.turn(1)
    expect(passedAtMs).toEqual([10_060])
  })

  it('leaves no timer behind when it is ended', () => {
    const { clock, passedAtMs, deadline } = opened(60)
    deadline.move(60)
    deadline.end()
    expect(clock.pendingTimers).toBe(0)
    clock.turn(1000)
    expect(passedAtMs).toEqual([])
  })

  it('of a fraction of a millisecond is waited for whole: it never passes early', () => {
    const { clock, passedAtMs, deadline } = opened(60)
    deadline.move(0.5)
    clock.turn(5)
    expect(passedAtMs).toEqual([1])
  })
})
