import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { turnedClock } from '../../test/turned-clock.ts'
import { collectGarbage } from '../../test/collect-garbage.ts'
import { GatewayError } from '../canonical/error.ts'
import { rateWindowMs, readBody } from './read-body.ts'

function reading(limits: Partial<Parameters<typeof readBody>[1]> = {}) {
  const clock = turnedClock()
  const incoming = new IncomingMessage(new Socket())
  let held = 0
  const body = readBody(incoming, {
    clock,
    maxBytes: 100_000,
    bodyMs: 30_000,
    minBytesPerSecond: 1_024,
    hold: (sizeBytes) => void (held += sizeBytes),
    ...limits,
  })
  // Looked at when it is awaited; until then a refusal is no unhandled rejection.
  body.catch(() => undefined)
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  const send = async (sizeBytes: number) => {
    incoming.push(Buffer.alloc(sizeBytes, 120))
    await turn()
  }
  const end = async () => {
    incoming.complete = true
    incoming.push(null)
    await turn()
  }
  return { clock, incoming, body, send, end, held: () => held }
}

describe('N6 a body in chunks of one byte', () => {
  it('is read as it was sent, and costs what it weighs: its chunks are not kept', async () => {
    const { incoming, body, end, held } = reading()
    const text = Array.from({ length: 1_000 }, (_, place) => String.fromCharCode(97 + (place % 26))).join('')
    let first: WeakRef<Buffer> | undefined
    for (const letter of text) {
      const chunk = Buffer.from(new Uint8Array([letter.charCodeAt(0)]).buffer)
      first ??= new WeakRef(chunk)
      incoming.push(chunk)
    }
    await nextTurn()
    collectGarbage()
    expect([held(), first?.deref()]).toEqual([1_000, undefined])
    await end()
    expect((await body).toString()).toBe(text)
  })
})

describe('N7 a slow writer', () => {
  it('is cut when its body comes too slowly twice running, and not before', async () => {
    const { clock, body, send } = reading()
    await send(1_024 * 5)
    clock.turn(rateWindowMs)
    await send(1)
    clock.turn(rateWindowMs)
    await send(1_024 * 5)
    clock.turn(rateWindowMs)
    await send(1)
    clock.turn(rateWindowMs)
    await send(1_000 * 5)
    clock.turn(rateWindowMs)
    await expect(body).rejects.toMatchObject({
      kind: 'request_timeout',
      message: 'the body came more slowly than 1024 bytes a second',
    })
  })

  it('is cut when its body is not whole in time, however fast it comes', async () => {
    const { clock, body, send } = reading({ bodyMs: 12_000 })
    for (const _window of [1, 2]) {
      await send(20_000)
      clock.turn(rateWindowMs)
    }
    await send(20_000)
    clock.turn(1_999)
    await send(1)
    clock.turn(1)
    await expect(body).rejects.toMatchObject({ kind: 'request_timeout', status: 408 })
    expect(clock.pendingTimers).toBe(0)
  })

  it('may take all the time there is where no rate is asked', async () => {
    const { clock, body, send, end } = reading({ minBytesPerSecond: 0 })
    await send(1)
    clock.turn(29_999)
    await send(1)
    await end()
    expect(await body).toEqual(Buffer.from('xx'))
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('a body', () => {
  it('N6 is never kept beyond its limit: what comes after is not held', async () => {
    const { body, send, held } = reading({ maxBytes: 10 })
    await send(8)
    await send(8)
    await send(8)
    await expect(body).rejects.toMatchObject({ kind: 'request_too_large' })
    expect(held()).toBe(8)
  })

  it('is refused midway when there is no room for more of it', async () => {
    const { body, send } = reading({
      hold: (sizeBytes) => {
        if (sizeBytes > 5) throw new GatewayError('overloaded')
      },
    })
    await send(5)
    await send(6)
    await expect(body).rejects.toMatchObject({ kind: 'overloaded' })
  })

  it('that breaks off says so', async () => {
    const { body, send, incoming, clock } = reading()
    await send(5)
    incoming.destroy()
    await expect(body).rejects.toMatchObject({ kind: 'invalid_request', message: 'the body broke off' })
    expect(clock.pendingTimers).toBe(0)
  })
})
