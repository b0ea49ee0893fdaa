import { expect, it } from 'vitest'
import { turnedClock } from '../../test/turned-clock.ts'
import { untilTakenIn } from './until-taken-in.ts'

it('tries again until it is done, and waits longer each time', async () => {
  const clock = turnedClock()
  const waits: number[] = []
  let tries = 0
  const takeIn = () => {
    tries += 1
    return tries < 9 ? Promise.reject(new Error('the disk is full')) : Promise.resolve()
  }
  await untilTakenIn(clock, takeIn, (thrown, nextInMs) => {
    expect(String(thrown)).toContain('the disk is full')
    waits.push(nextInMs)
  })
  for (let turn = 0; turn < 10; turn += 1) {
    clock.turn(60_000)
    await settled()
  }
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
  expect([tries, clock.pendingTimers]).toEqual([9, 0])
})

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
