import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { turnedClock } from '../../test/turned-clock.ts'
import { GatewayError } from '../canonical/error.ts'
import { discardLimits } from './discard-rest.ts'
import { HttpClient, waitingBytes } from './http-client.ts'

const patience = { bodyMs: 30_000, minBodyBytesPerSecond: 1_024, clientIdleMs: 60_000 }
const room = { hold: () => undefined, expect: () => undefined }
/** The most that one read from a provider brings. */
const readBytes = 64 * 1024

let server: Server | undefined
const sockets: Socket[] = []

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
  server?.closeAllConnections()
  server?.close()
})

/** One request on a real socket, and the gateway's side of it. */
async function exchange(requestBytes: string) {
  const clock = turnedClock()
  const { promise, resolve } = Promise.withResolvers<readonly [IncomingMessage, ServerResponse]>()
  server = createServer({ highWaterMark: waitingBytes }, (incoming, outgoing) => resolve([incoming, outgoing]))
  await new Promise<void>((listening) => server?.listen(0, '127.0.0.1', listening))
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  sockets.push(socket)
  socket.pause()
  socket.write(requestBytes)
  const [incoming, outgoing] = await promise
  await undefined
  const client = new HttpClient(incoming, outgoing, { clock, ...patience }, room)
  const gone = new Promise<void>((then) => client.gone(then))
  const over = new Promise<void>((then) => client.over(then))
  return { clock, socket, incoming, outgoing, client, gone, over }
}

const get = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n'
const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('a slow reader', () => {
  /** Writes what a provider sends without a pause, until the client's side says stop. */
  async function fill(client: HttpClient, outgoing: ServerResponse): Promise<number> {
    let most = 0
    for (let reads = 0; reads < 10_000; reads += 1) {
      const mayGoOn = client.write(Buffer.alloc(readBytes, 120))
      most = Math.max(most, outgoing.writableLength)
      if (!mayGoOn) await turn()
      if (!mayGoOn && outgoing.writableLength > 0) return most
    }
    throw new Error('the client took everything')
  }

  it('N6 fault 40 has at most 16 KiB and one read waiting, and then its provider is paused', async () => {
    const { client, outgoing } = await exchange(get)
    client.head(200, ['content-type', 'text/event-stream'])
    const most = await fill(client, outgoing)
    // Chunked framing adds a few bytes to each write.
    expect(most).toBeLessThan(waitingBytes + readBytes + 1_024)
    expect(most).toBeGreaterThanOrEqual(readBytes)
  })

  it('fault 40 is cut off when it takes nothing of what waits for clientIdleMs, and not before', async () => {
    const { client, outgoing, clock, gone } = await exchange(get)
    client.head(200, ['content-type', 'text/event-stream'])
    await fill(client, outgoing)
    clock.turn(patience.clientIdleMs - 1)
    await turn()
    expect(client.isGone).toBe(false)
    clock.turn(1)
    await gone
    expect(outgoing.destroyed).toBe(true)
  })

  it('is left alone when it reads again in time', async () => {
    const { client, outgoing, clock, socket } = await exchange(get)
    client.head(200, ['content-type', 'text/event-stream'])
    await fill(client, outgoing)
    const drained = new Promise<void>((then) => client.drained(then))
    clock.turn(patience.clientIdleMs - 1)
    socket.resume()
    await drained
    clock.turn(patience.clientIdleMs * 10)
    expect(client.isGone).toBe(false)
    client.end()
  })

  it('of a whole answer is cut off too; one that reads gets it, byte for byte', async () => {
    const body = Buffer.alloc(16 * 1024 * 1024)
    for (let place = 0; place < body.length; place += 1) body[place] = place % 251
    const slow = await exchange(get)
    slow.client.head(200, ['content-length', String(body.length)])
    slow.client.end(body)
    await turn()
    slow.clock.turn(patience.clientIdleMs)
    await slow.gone

    const { client, socket, over, clock } = await exchange(get)
    const parts: Buffer[] = []
    socket.on('data', (part: Buffer) => parts.push(part))
    socket.resume()
    client.head(200, ['content-length', String(body.length)])
    client.end(body)
    await over
    const received = new Promise<Buffer>((resolve) => {
      const look = () => {
        const all = Buffer.concat(parts)
        const from = all.indexOf('\r\n\r\n') + 4
        if (all.length - from >= body.length) resolve(all.subarray(from))
        else setImmediate(look)
      }
      look()
    })
    expect((await received).equals(body)).toBe(true)
    expect(clock.pendingTimers).toBe(0)
  })
})

it('tells that it was stopped to who asks before and to who asks after', async () => {
  const { client } = await exchange(get)
  const told: string[] = []
  client.stopped(({ kind }) => told.push(`before: ${kind}`))
  client.stop(new GatewayError('draining'))
  client.stopped(({ kind }) => told.push(`after: ${kind}`))
  expect(told).toEqual(['before: draining', 'after: draining'])
})

describe('a body that nobody read', () => {
  const post = 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3000000\r\n\r\n'

  it('N1 closes the connection, after the client has got its answer', async () => {
    const { client, socket, over, outgoing } = await exchange(post)
    let text = ''
    socket.setEncoding('latin1')
    socket.on('data', (part: string) => (text += part))
    socket.resume()
    client.head(401, ['content-length', '2'])
    client.end(Buffer.from('no'))
    // The call is over for us; the connection lingers only for the client's sake.
    await over
    while (!text.endsWith('no')) await turn()
    expect(text).toMatch(/^HTTP\/1\.1 401 [\s\S]*connection: close/i)
    expect(outgoing.writableEnded).toBe(false)
    const closed = new Promise((resolve) => socket.on('close', resolve))
    socket.write(Buffer.alloc(discardLimits.bytes + 200_000, 120))
    await closed
  })

  it.each([
    ['with its last bytes', Buffer.from('two'), '3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n'],
    ['after them', undefined, '3\r\none\r\n0\r\n\r\n'],
  ])('leaves an answer in chunks whole that ends %s', async (_what, lastBytes, chunks) => {
    const { client, socket, clock } = await exchange(post)
    let text = ''
    socket.setEncoding('latin1')
    socket.on('data', (part: string) => (text += part))
    socket.resume()
    client.head(200, ['content-type', 'text/plain'])
    client.write(Buffer.from('one'))
    client.end(lastBytes)
    const closed = new Promise((resolve) => socket.on('close', resolve))
    clock.turn(discardLimits.ms)
    await closed
    expect(text).toMatch(/transfer-encoding: chunked/i)
    expect(text.slice(text.indexOf('\r\n\r\n') + 4)).toBe(chunks)
  })

  it('N7 is waited for no longer than its time', async () => {
    const { client, socket, clock } = await exchange(post)
    socket.resume()
    client.head(401, ['content-length', '2'])
    client.end(Buffer.from('no'))
    const closed = new Promise((resolve) => socket.on('close', resolve))
    clock.turn(discardLimits.ms)
    await closed
  })

  it('is none where there is no body: the connection stays open', async () => {
    const { client, socket } = await exchange(get)
    let text = ''
    socket.setEncoding('latin1')
    socket.on('data', (part: string) => (text += part))
    socket.resume()
    client.head(404, ['content-length', '2'])
    client.end(Buffer.from('no'))
    while (!text.endsWith('no')) await turn()
    expect(text).toMatch(/connection: keep-alive/i)
  })
})
