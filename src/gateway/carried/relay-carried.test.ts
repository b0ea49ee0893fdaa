import { describe, expect, it } from 'vitest'
import { openHouse } from '../../../test/pretend-house.ts'

describe('an answer that passes as it comes', () => {
  it('is not seen to end before its record is safe, though its client knows how long it is', async () => {
    const house = openHouse({ targets: ['a'], seed: 1, diskMs: 500 })
    const told = await passed()
    const [, , sizeBytes = ''] = /^(write) (\d+)$/.exec(told[1] ?? '') ?? []
    expect(told).toEqual(['head 200', `write ${sizeBytes}`, 'end 0'])
    house.behave(() => ({ status: 200, afterMs: 100, headers: { 'content-length': sizeBytes } }))
    const call = house.carry(true)
    await house.turn(700)
    expect(call.told).toEqual(['head 200'])
    expect(house.records).toHaveLength(1)
    await house.turn(500)
    await call.ended
    expect(call.told).toEqual(['head 200', `end ${sizeBytes}`])
  })

  it('is broken off where its record cannot be written: its client must not take it for whole', async () => {
    const house = openHouse({ targets: ['a'], seed: 1, diskMs: 500, diskBreaksAfterMs: 550 })
    house.behave(() => ({ status: 200, afterMs: 100 }))
    const call = house.carry(true)
    await house.turn(1_200)
    await call.ended
    expect(call.told.at(-1)).toBe('break-off')
    expect(house.calls).toMatchObject([{ problem: 'overloaded' }])
  })

  /** What the client of one is told who does not know its length. */
  async function passed(): Promise<readonly string[]> {
    const house = openHouse({ targets: ['a'], seed: 1 })
    const call = house.carry(true)
    await house.turn(10)
    await call.ended
    return call.told
  }
})
