import { describe, expect, it } from 'vitest'
import { openHouse } from '../../../test/pretend-house.ts'
import { GatewayError } from '../../canonical/error.ts'

describe('a carried call whose intent a slow disk confirms late', () => {
  it('is not sent when a drain has ended it by then', async () => {
    const house = openHouse({ targets: ['a'], seed: 1, diskMs: 1_500 })
    const call = house.carry()
    await house.turn(1_000)
    call.stop(new GatewayError('draining'))
    await house.turn(1_000)
    await call.ended
    expect(house.sent).toEqual([])
    expect(house.calls).toMatchObject([{ problem: 'draining' }])
    expect(house.records).toMatchObject([{ status: 'failed', errorKind: 'draining', failureClass: 'not-sent' }])
  })

  it('is not sent when its client has gone by then', async () => {
    const house = openHouse({ targets: ['a'], seed: 1, diskMs: 1_500 })
    const call = house.carry()
    await house.turn(1_000)
    call.leave()
    await house.turn(1_000)
    await call.ended
    expect(house.sent).toEqual([])
    expect(house.records).toMatchObject([{ status: 'aborted', failureClass: 'not-sent' }])
  })

  it('waits for its first byte from when it leaves', async () => {
    const house = openHouse({ targets: ['a'], seed: 1, diskMs: 500, deadlines: { firstByteUnaryMs: 300 } })
    house.behave(() => ({ status: 200, afterMs: 250 }))
    const call = house.carry()
    await house.turn(1_000)
    await call.ended
    expect(house.calls).toMatchObject([{ answeredBy: 'a' }])
  })
})
