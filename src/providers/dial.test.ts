import net from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { turnedClock } from '../../test/turned-clock.ts'
import { dial, dialedAddresses, staggerMs } from './dial.ts'
import { openBlackHole } from './laws/black-hole.ts'

describe('a dial', () => {
  it('tries address after address when they refuse, families in turn, and takes the first that answers', async () => {
    await using server = await listenOn('127.0.0.3')
    const socket = await dial({ ...around(server.port), addresses: ['127.0.0.1', '127.0.0.2', '127.0.0.3', '::1'] })
    expect(socket.remoteAddress).toBe('127.0.0.3')
    socket.destroy()
  })

  it('tries the other family however many addresses the first one has, and no more than it may in all', async () => {
    await using server = await listenOn('127.0.0.1')
    const none = Array.from({ length: dialedAddresses }, (_, place) => `::${place + 2}`)
    const socket = await dial({ ...around(server.port), addresses: [...none, '127.0.0.1'] })
    expect(socket.remoteAddress).toBe('127.0.0.1')
    socket.destroy()
    const refusing = Array.from({ length: dialedAddresses }, (_, place) => `127.0.0.${place + 2}`)
    await expect(dial({ ...around(server.port), addresses: [...refusing, '127.0.0.1'] })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    })
  })

  it('tells the last refusal when every address refuses', async () => {
    const server = await listenOn('127.0.0.1')
    await server[Symbol.asyncDispose]()
    const { clock, ...rest } = around(server.port)
    await expect(dial({ ...rest, clock, addresses: ['127.0.0.1', '127.0.0.2'] })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    })
    expect(clock.pendingTimers).toBe(0)
  })

  it('fault 2: tries the next address beside one that does not answer, and drops the slow one', async () => {
    await using hole = await openBlackHole()
    await using server = await listenOn('127.0.0.2', hole.port)
    const { clock, ...rest } = around(hole.port)
    const dialing = dial({ ...rest, clock, addresses: ['127.0.0.1', '127.0.0.2'] })
    await nextTurn()
    expect(server.connections()).toBe(0)
    clock.turn(staggerMs)
    const socket = await dialing
    expect(socket.remoteAddress).toBe('127.0.0.2')
    expect(clock.pendingTimers).toBe(0)
    socket.destroy()
  })

  it('fault 2: ends with the reason it is given when nobody answers', async () => {
    await using hole = await openBlackHole()
    const ending = new AbortController()
    const { clock, ...rest } = around(hole.port, ending.signal)
    const dialing = dial({ ...rest, clock, addresses: ['127.0.0.1'] })
    await nextTurn()
    clock.turn(staggerMs)
    ending.abort(new Error('enough'))
    await expect(dialing).rejects.toThrow('enough')
    expect(clock.pendingTimers).toBe(0)
    // A deadline that fell between two stages holds all the same.
    await expect(dial({ ...rest, clock, addresses: ['127.0.0.1'] })).rejects.toThrow('enough')
    expect(clock.pendingTimers).toBe(0)
  })
})

function around(port: number, signal = new AbortController().signal) {
  return { port, clock: turnedClock(), signal }
}

async function listenOn(host: string, port = 0) {
  let connections = 0
  const server = net.createServer((socket) => {
    connections += 1
    socket.on('error', () => undefined).resume()
  })
  await new Promise<void>((resolve) => server.listen(port, host, resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    connections: () => connections,
    [Symbol.asyncDispose]: async () => void server.close(),
  }
}
