import { Duplex } from 'node:stream'
import { expect, it } from 'vitest'
import { turnedClock } from '../../test/turned-clock.ts'
import { refusalMs, refuseBytes } from './refuse-bytes.ts'

it('N7 a client that does not take its refusal is cut off, and not before its time', () => {
  const clock = turnedClock()
  const stuck = new Duplex({ read: () => undefined, write: () => undefined })
  refuseBytes(new Error('no HTTP'), stuck, undefined, clock)
  clock.turn(refusalMs - 1)
  expect(stuck.destroyed).toBe(false)
  clock.turn(1)
  expect(stuck.destroyed).toBe(true)
})

it('a client that takes its refusal is let go at once', async () => {
  const clock = turnedClock()
  let text = ''
  const socket = new Duplex({
    read: () => undefined,
    write: (bytes: Buffer, _encoding, then) => {
      text += bytes.toString()
      then()
    },
  })
  const closed = new Promise<void>((resolve) => void socket.once('close', resolve))
  refuseBytes(new Error('no HTTP'), socket, undefined, clock)
  await closed
  expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\nconnection: close\r\n/)
  expect(clock.pendingTimers).toBe(0)
})
