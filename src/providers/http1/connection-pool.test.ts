import { once } from 'node:events'
import net from 'node:net'
import { Duplex } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { turnedClock } from '../../../test/turned-clock.ts'
import { openListener, openRawUpstream, wholeAnswer, type Listener, type RawUpstream } from '../laws/raw-upstream.ts'
import type { UpstreamCall } from '../provider.ts'
import { openUpstream, type PooledUpstream } from '../upstream.ts'
import { Http1Connection } from './connection.ts'
import { connectionTimes } from './connection-pool.ts'
import { wordCall } from './write-call.ts'

/*
 * Connections and their pool as the upstream uses them, over real sockets and a clock that is turned.
 */

const clock = turnedClock()

function send(upstream: PooledUpstream, raw: RawUpstream, changes: Partial<UpstreamCall> = {}, maxConnections = 4) {
  const listener = openListener()
  const exchange = upstream.send(
    {
      provider: 'p',
      origin: raw.origin,
      network: { connectTimeoutMs: 3_000, maxConnections },
      method: 'POST',
      path: '/',
      headers: [],
      body: Buffer.from('{}'),
      mustConnectAnew: false,
      ...changes,
    },
    listener,
  )
  return { listener, exchange }
}

async function outcome(upstream: PooledUpstream, raw: RawUpstream, changes?: Partial<UpstreamCall>): Promise<Listener> {
  const { listener } = send(upstream, raw, changes)
  await listener.over
  return listener
}

const answers = (...headers: readonly string[]) => ({
  onCall: (socket: net.Socket) => void socket.write(wholeAnswer('{}', '200 OK', headers)),
})

/** Answers every call, and does something of its own in the turn behind the first answer. */
function afterFirstAnswer(act: (socket: net.Socket, then: () => void) => void) {
  const { promise: done, resolve } = Promise.withResolvers<void>()
  const onCall = (socket: net.Socket, _call: string, place: number): void => {
    socket.write(wholeAnswer('{}'))
    if (place === 1) setImmediate(() => act(socket, resolve))
  }
  return { onCall, done }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await nextTurn()
}

describe('an idle connection', () => {
  it('is used as long as it is young, and closed when nobody asks for it', async () => {
    await using raw = await openRawUpstream(answers())
    const upstream = openUpstream({ clock })
    await outcome(upstream, raw)
    clock.turn(connectionTimes.idleMs - 1)
    await outcome(upstream, raw)
    expect(raw.connections()).toBe(1)
    clock.turn(connectionTimes.idleMs + connectionTimes.sweepMs)
    await until(() => raw.sockets.size === 0)
    expect(clock.pendingTimers).toBe(0)
    await outcome(upstream, raw)
    expect(raw.connections()).toBe(2)
    await upstream.close()
  })

  it.each([
    ['timeout=5, max=100', 5_000 - connectionTimes.hintMarginMs],
    ['max=3, Timeout=10', 10_000 - connectionTimes.hintMarginMs],
    ['timeout=600', connectionTimes.idleMs],
    ['max=5', connectionTimes.idleMs],
  ])('is kept for less time where its provider says so: %s', async (hint, keptForMs) => {
    await using raw = await openRawUpstream(answers(`keep-alive: ${hint}`))
    const upstream = openUpstream({ clock })
    await outcome(upstream, raw)
    clock.turn(keptForMs - 1)
    await outcome(upstream, raw)
    expect(raw.connections()).toBe(1)
    clock.turn(keptForMs)
    await outcome(upstream, raw)
    expect(raw.connections()).toBe(2)
    await upstream.close()
  })

  it('is not kept where its provider keeps it hardly longer', async () => {
    await using raw = await openRawUpstream(answers('keep-alive: timeout=2'))
    const upstream = openUpstream({ clock })
    for (let place = 0; place < 3; place++) await outcome(upstream, raw)
    expect(raw.connections()).toBe(3)
    await upstream.close()
  })

  it('that says something is closed: nobody asked, and it must not become an answer', async () => {
    await using raw = await openRawUpstream(answers())
    const upstream = openUpstream({ clock })
    await outcome(upstream, raw)
    for (const socket of raw.sockets) socket.write(wholeAnswer('"somebody else’s"'))
    await until(() => raw.sockets.size === 0)
    const listener = await outcome(upstream, raw)
    expect([listener.body(), raw.connections()]).toEqual(['{}', 2])
    await upstream.close()
  })

  it('that is wanted while such bytes are on their way carries nothing: the call finds another, unharmed', async () => {
    const first = afterFirstAnswer((socket, then) => socket.write(wholeAnswer('"a second answer"'), then))
    await using raw = await openRawUpstream(first)
    const upstream = openUpstream({ clock })
    await outcome(upstream, raw)
    await first.done
    await nextTurn()
    const listener = await outcome(upstream, raw)
    expect([listener.body(), listener.heard.at(-1), raw.connections()]).toEqual(['{}', 'end', 2])
    await upstream.close()
  })

  it('that has rested and is wanted in the midst of a turn is looked at: what came since the turn began is no answer', async () => {
    await using raw = await openRawUpstream(answers())
    const upstream = openUpstream({ clock })
    await outcome(upstream, raw)
    clock.turn(connectionTimes.restedMs)
    // Bytes of a client are heard when the system has just been asked what has come: what comes from now on, it has not told.
    const client = net.connect(Number(new URL(raw.origin).port), '127.0.0.1')
    const heard = once(client, 'data')
    const sent = heard.then(() => {
      for (const socket of raw.sockets) if (socket.remotePort !== client.localPort) socket.write(wholeAnswer('"late"'))
      return send(upstream, raw).listener
    })
    client.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}')
    const listener = await sent
    await listener.over
    expect([listener.body(), listener.heard.at(-1)]).toEqual(['{}', 'end'])
    client.destroy()
    await upstream.close()
  })

  it('that its provider has just ended makes no call fail', async () => {
    const first = afterFirstAnswer((socket, then) => socket.end(then))
    await using raw = await openRawUpstream(first)
    const upstream = openUpstream({ clock })
    await outcome(upstream, raw)
    await first.done
    await nextTurn()
    const listener = await outcome(upstream, raw)
    expect([listener.heard.at(-1), raw.calls.length, raw.connections()]).toEqual(['end', 2, 2])
    await upstream.close()
  })
})

describe('a connection whose call has not been told to have left', () => {
  class SlowSocket extends Duplex {
    override _read() {}
    override _write(_bytes: Buffer, _encoding: string, then: () => void) {
      then()
    }
    ref() {}
    unref() {}
  }
  const nobody = { head: () => {}, body: () => {}, end: () => {}, broken: () => {} }

  it.each([
    ['is free a moment later, when it is', 0, 'freed'],
    ['is closed where it is not by then', 1, 'gone'],
  ])('%s', async (_, unsentLater, expected) => {
    const told: string[] = []
    const socket = new SlowSocket()
    let unsent = 0
    Object.defineProperty(socket, 'writableLength', { get: () => unsent })
    // The connection asks nothing of it but what a stream and these two verbs are.
    const connection = new Http1Connection(socket as unknown as net.Socket, {
      freed: () => void told.push('freed'),
      gone: () => void told.push('gone'),
    })
    connection.carry(
      wordCall({ method: 'POST', path: '/', headers: [], body: Buffer.from('{}') }, 'x', 'keep-alive'),
      nobody,
    )
    unsent = 1
    socket.push(wholeAnswer('{}'))
    await new Promise<void>((resolve) => void process.nextTick(resolve))
    expect(told).toEqual([])
    unsent = unsentLater
    await nextTurn()
    expect(told).toEqual([expected])
  })
})

describe('a connection is not used again', () => {
  it.each([
    ['whose answer says so', wholeAnswer('{}', '200 OK', ['connection: close'])],
    ['whose answer is of HTTP/1.0', wholeAnswer('{}').replace('HTTP/1.1', 'HTTP/1.0')],
    ['whose answer was followed by bytes', `${wholeAnswer('{}')}\r\n`],
    ['whose answer has no body and announces one', 'HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\n'],
  ])('%s', async (_, bytes) => {
    await using raw = await openRawUpstream({ onCall: (socket) => void socket.write(bytes) })
    const upstream = openUpstream({ clock })
    for (let place = 0; place < 2; place++) expect((await outcome(upstream, raw)).heard.at(-1)).toBe('end')
    expect(raw.connections()).toBe(2)
    await upstream.close()
  })

  it('whose call has not left whole when the answer ends', async () => {
    await using raw = await openRawUpstream({
      onConnection: (socket) => {
        socket.pause()
        socket.write(wholeAnswer('{}', '413 Too Large'))
      },
    })
    const upstream = openUpstream({ clock })
    const listener = await outcome(upstream, raw, { body: Buffer.alloc(32 * 1024 * 1024) })
    expect([listener.status(), listener.heard.at(-1)]).toEqual([413, 'end'])
    for (const socket of raw.sockets) socket.resume()
    await until(() => raw.sockets.size === 0)
    await upstream.close()
  })

  it('that carried a body which no server expects', async () => {
    await using raw = await openRawUpstream(answers())
    const upstream = openUpstream({ clock })
    for (let place = 0; place < 2; place++) await outcome(upstream, raw, { method: 'DELETE' })
    expect(raw.connections()).toBe(2)
    await upstream.close()
  })
})

describe('a wish that is given up', () => {
  it('makes no connection younger than it is', async () => {
    await using raw = await openRawUpstream(answers())
    const upstream = openUpstream({ clock })
    await outcome(upstream, raw)
    clock.turn(connectionTimes.idleMs - 1)
    send(upstream, raw).exchange.abort()
    for (let turn = 0; turn < 3; turn++) await nextTurn()
    clock.turn(1)
    await outcome(upstream, raw)
    expect(raw.connections()).toBe(2)
    await upstream.close()
  })
})

describe('who waits', () => {
  it('is served in order, by the connection that is free first', async () => {
    const held: { readonly socket: net.Socket; readonly call: string }[] = []
    await using raw = await openRawUpstream({ onCall: (socket, call) => void held.push({ socket, call }) })
    const upstream = openUpstream({ clock })
    const sent = ['/1', '/2', '/3', '/4'].map((path) => send(upstream, raw, { path }, 2).listener)
    const paths = () => held.map(({ call }) => call.split(' ')[1])
    await until(() => held.length === 2)
    for (const place of [0, 1]) {
      held[place]?.socket.write(wholeAnswer('{}'))
      await until(() => held.length === 3 + place)
    }
    expect([paths().slice(0, 2).toSorted(), paths().slice(2), raw.connections()]).toEqual([
      ['/1', '/2'],
      ['/3', '/4'],
      2,
    ])
    for (const { socket } of held.slice(2)) socket.write(wholeAnswer('{}'))
    for (const { over } of sent) expect(await over).toBe('end')
    await upstream.close()
  })

  it('has the place of a connection that broke', async () => {
    await using raw = await openRawUpstream({
      onCall: (socket, _call, place) => (place === 1 ? socket.resetAndDestroy() : void socket.write(wholeAnswer('{}'))),
    })
    const upstream = openUpstream({ clock })
    const [first, second] = [send(upstream, raw, {}, 1), send(upstream, raw, {}, 1)]
    expect(await first.listener.over).toMatchObject({ class: 'unknown' })
    expect(await second.listener.over).toBe('end')
    await upstream.close()
  })

  it('and gives up leaves nothing behind: the connection goes to who is next', async () => {
    await using raw = await openRawUpstream(answers())
    const upstream = openUpstream({ clock })
    const [gone, next] = [send(upstream, raw, { path: '/gone' }, 1), send(upstream, raw, { path: '/next' }, 1)]
    gone.exchange.abort()
    expect(await next.listener.over).toBe('end')
    // An idle connection that was wanted, and is not any more, is idle again.
    send(upstream, raw, { path: '/gone' }, 1).exchange.abort()
    await nextTurn()
    expect(await send(upstream, raw, { path: '/next' }, 1).listener.over).toBe('end')
    expect([raw.calls.filter((call) => call.includes('/gone')), raw.connections(), gone.listener.heard]).toEqual([
      [],
      1,
      [],
    ])
    await upstream.close()
  })

  it('for a connection that cannot be made is told so, each once', async () => {
    const raw = await openRawUpstream({})
    await raw[Symbol.asyncDispose]()
    const upstream = openUpstream({ clock })
    const sent = [1, 2, 3, 4].map(() => send(upstream, raw, {}, 2).listener)
    for (const { over } of sent)
      expect(await over).toMatchObject({ class: 'not-sent', message: 'connect ECONNREFUSED' })
    await nextTurn()
    expect(sent.flatMap(({ heard }) => heard)).toEqual(['failure', 'failure', 'failure', 'failure'])
    await upstream.close()
  })
})

describe('a paused exchange', () => {
  it.each([
    ['whose answer is all there', wholeAnswer('{}'), ''],
    ['whose answer ends with the connection', 'HTTP/1.1 200 OK\r\n\r\n{}', 'end'],
    ['whose answer is followed by an end', wholeAnswer('{}'), 'end'],
    ['whose answer is followed by a reset', wholeAnswer('{}'), 'reset'],
  ])('%s hears of its end after it has gone on', async (_, bytes, then) => {
    await using raw = await openRawUpstream({
      onCall: (socket) => void socket.write(bytes),
    })
    const upstream = openUpstream({ clock })
    const { listener, exchange } = send(upstream, raw)
    const chunk = listener.chunk.bind(listener)
    listener.chunk = (part) => {
      chunk(part)
      exchange.pause()
    }
    await until(() => listener.heard.includes('chunk'))
    for (const socket of raw.sockets)
      if (then === 'end') socket.end()
      else if (then === 'reset') socket.resetAndDestroy()
    for (let turn = 0; turn < 20; turn++) await nextTurn()
    expect(listener.heard).toEqual(['head', 'chunk'])
    exchange.resume()
    expect([await listener.over, listener.body()]).toEqual(['end', '{}'])
    await upstream.close()
  })

  const chunkedHead = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'
  it.each([
    ['and was whole', `${chunkedHead}2\r\n{}\r\n1\r\n \r\n0\r\n\r\n`, '{} ', 'end'],
    ['and was not whole', `${chunkedHead}2\r\n{}\r\n1\r\n \r\n`, '{} ', { class: 'partial' }],
    ['and ends with its connection', 'HTTP/1.1 200 OK\r\n\r\n{}', '{}', { class: 'partial' }],
  ])('whose answer had come %s hears all of it, though the connection was reset', async (_, bytes, body, end) => {
    await using raw = await openRawUpstream({ onCall: (socket) => void socket.write(bytes) })
    const upstream = openUpstream({ clock })
    const { listener, exchange } = send(upstream, raw)
    const chunk = listener.chunk.bind(listener)
    listener.chunk = (part) => {
      chunk(part)
      exchange.pause()
      // Every further part waits too.
      if (listener.chunks.length > 1) setImmediate(() => exchange.resume())
    }
    await until(() => listener.heard.includes('chunk'))
    for (const socket of raw.sockets) socket.resetAndDestroy()
    for (let turn = 0; turn < 20; turn++) await nextTurn()
    exchange.resume()
    const over = await listener.over
    expect(listener.body()).toBe(body)
    if (typeof end === 'string') expect(over).toBe(end)
    else expect(over).toMatchObject(end)
    await upstream.close()
  })
})
