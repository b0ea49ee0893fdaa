import type net from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { failureOf as judge } from './failure.ts'
import { describe, expect, it } from 'vitest'
import { turnedClock } from '../../test/turned-clock.ts'
import { systemClock } from '../canonical/clock.ts'
import { openListener, openRawUpstream, wholeAnswer, type Listener } from './laws/raw-upstream.ts'
import type { UpstreamCall } from './provider.ts'
import { openUpstream, type PooledUpstream } from './upstream.ts'

const network = { connectTimeoutMs: 3_000, maxConnections: 4 }

function callTo(origin: string, changes: Partial<UpstreamCall> = {}): UpstreamCall {
  const body = Buffer.from('{"model":"m"}')
  const headers = ['content-type', 'application/json']
  return {
    provider: 'p',
    origin,
    network,
    method: 'POST',
    path: '/v1/x',
    headers,
    body,
    mustConnectAnew: false,
    ...changes,
  }
}

async function outcomeOf(upstream: PooledUpstream, call: UpstreamCall): Promise<Listener> {
  const listener = openListener()
  upstream.send(call, listener)
  await listener.over
  // Anything that came after the end would be heard by now.
  await nextTurn()
  return listener
}

describe('how a failure is classified (S3)', () => {
  it('a refused connection is not-sent (D3 1)', async () => {
    const closed = await openRawUpstream({})
    await closed[Symbol.asyncDispose]()
    const upstream = openUpstream({ clock: systemClock })
    const listener = await outcomeOf(upstream, callTo(closed.origin))
    expect(await listener.over).toEqual({
      class: 'not-sent',
      kind: 'upstream_unavailable',
      message: 'connect ECONNREFUSED',
    })
    expect(listener.heard).toEqual(['failure'])
    expect(upstream.connections()).toEqual({ opened: 0 })
    await upstream.close()
  })

  it('a name that does not resolve is not-sent (D3 23)', async () => {
    const upstream = openUpstream({ clock: systemClock })
    const listener = await outcomeOf(upstream, callTo('http://nowhere.invalid:81'))
    expect(await listener.over).toMatchObject({ class: 'not-sent', kind: 'upstream_unavailable' })
    await upstream.close()
  })

  it('a TLS handshake with something that speaks no TLS is not-sent (D3 24)', async () => {
    await using raw = await openRawUpstream({
      onConnection: (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'),
    })
    const upstream = openUpstream({ clock: systemClock })
    const listener = await outcomeOf(upstream, callTo(raw.origin.replace('http:', 'https:')))
    expect(await listener.over).toMatchObject({ class: 'not-sent', kind: 'upstream_unavailable' })
    await upstream.close()
  })

  it('a TLS handshake that is reset is not-sent (D3 3, 24)', async () => {
    await using raw = await openRawUpstream({ onConnection: (socket) => socket.resetAndDestroy() })
    const upstream = openUpstream({ clock: systemClock })
    const listener = await outcomeOf(upstream, callTo(raw.origin.replace('http:', 'https:')))
    expect(await listener.over).toMatchObject({ class: 'not-sent', kind: 'upstream_unavailable' })
    await upstream.close()
  })

  it('a handshake that stalls ends at the connect timeout, not-sent (D3 2, 24)', async () => {
    const clock = turnedClock()
    const reached = Promise.withResolvers<void>()
    await using raw = await openRawUpstream({ onConnection: () => reached.resolve() })
    const upstream = openUpstream({ clock })
    const listener = openListener()
    upstream.send(callTo(raw.origin.replace('http:', 'https:')), listener)
    await reached.promise
    clock.turn(network.connectTimeoutMs - 1)
    await nextTurn()
    expect(listener.heard).toEqual([])
    clock.turn(1)
    expect(await listener.over).toEqual({ class: 'not-sent', kind: 'upstream_timeout', message: 'connect timeout' })
    expect(clock.pendingTimers).toBe(0)
    await upstream.close()
  })

  it('a reset right after the connect is not-sent or unknown, as the bytes decide, and never anything else (D3 3)', async () => {
    await using raw = await openRawUpstream({ onConnection: (socket) => socket.resetAndDestroy() })
    const upstream = openUpstream({ clock: systemClock })
    for (let round = 0; round < 20; round++) {
      const listener = await outcomeOf(upstream, callTo(raw.origin))
      expect(['not-sent', 'unknown']).toContain((await failureOf(listener)).class)
    }
    await upstream.close()
  })

  it('a reset in the middle of a large body is unknown (D3 4)', async () => {
    await using raw = await openRawUpstream({
      onConnection: (socket) => socket.once('data', () => socket.resetAndDestroy()),
    })
    const upstream = openUpstream({ clock: systemClock })
    const listener = await outcomeOf(upstream, callTo(raw.origin, { body: Buffer.alloc(16 * 1024 * 1024, 0x20) }))
    expect(await listener.over).toMatchObject({ class: 'unknown', kind: 'upstream_cut' })
    await upstream.close()
  })

  it.each([
    ['reset', (socket: net.Socket) => socket.resetAndDestroy()],
    ['end', (socket: net.Socket) => socket.end()],
  ])(
    'a fresh connection that is broken by %s after the call and before an answer is unknown (D3 5)',
    async (_, cut) => {
      await using raw = await openRawUpstream({ onCall: cut })
      const upstream = openUpstream({ clock: systemClock })
      const listener = await outcomeOf(upstream, callTo(raw.origin))
      expect(await listener.over).toMatchObject({ class: 'unknown', kind: 'upstream_cut' })
      expect(raw.calls).toHaveLength(1)
      await upstream.close()
    },
  )

  it.each([
    ['reset', (socket: net.Socket) => socket.resetAndDestroy()],
    ['end', (socket: net.Socket) => socket.end()],
  ])('a reused connection that dies by %s before an answer is stale, and nothing is sent twice', async (_, cut) => {
    await using raw = await openRawUpstream({
      onCall: (socket, _call, place) => (place === 1 ? void socket.write(wholeAnswer('{}')) : cut(socket)),
    })
    const upstream = openUpstream({ clock: systemClock })
    await outcomeOf(upstream, callTo(raw.origin))
    const listener = await outcomeOf(upstream, callTo(raw.origin))
    expect(await listener.over).toMatchObject({ class: 'stale', kind: 'upstream_unavailable' })
    expect(raw.connections()).toBe(1)
    expect(raw.calls).toHaveLength(2)
    await upstream.close()
  })

  it('a reused connection that dies after a while is unknown: the provider may have been at work', async () => {
    const clock = turnedClock()
    await using raw = await openRawUpstream({
      onCall: (socket, _call, place) => {
        if (place === 1) return void socket.write(wholeAnswer('{}'))
        clock.turn(30_000)
        socket.resetAndDestroy()
      },
    })
    const upstream = openUpstream({ clock })
    await outcomeOf(upstream, callTo(raw.origin))
    const listener = await outcomeOf(upstream, callTo(raw.origin))
    expect(await listener.over).toMatchObject({ class: 'unknown', kind: 'upstream_cut' })
    await upstream.close()
  })

  it('a reused connection that dies after an informational answer is unknown, not stale', async () => {
    await using raw = await openRawUpstream({
      onCall: (socket, _call, place) => {
        if (place === 1) return void socket.write(wholeAnswer('{}'))
        socket.end('HTTP/1.1 103 Early Hints\r\n\r\n')
      },
    })
    const upstream = openUpstream({ clock: systemClock })
    await outcomeOf(upstream, callTo(raw.origin))
    const listener = await outcomeOf(upstream, callTo(raw.origin))
    expect(await listener.over).toMatchObject({ class: 'unknown', kind: 'upstream_cut' })
    await upstream.close()
  })

  it('an idle connection that the provider has closed is not used: the next call opens another', async () => {
    await using raw = await openRawUpstream({ onCall: (socket) => socket.end(wholeAnswer('{}')) })
    const upstream = openUpstream({ clock: systemClock })
    for (let place = 1; place <= 3; place++) {
      const listener = await outcomeOf(upstream, callTo(raw.origin))
      expect(listener.heard.at(-1)).toBe('end')
    }
    expect(upstream.connections()).toEqual({ opened: 3 })
    await upstream.close()
  })

  it.each([
    ['a reset after the head (D3 6)', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', 'reset', 'upstream_cut'],
    [
      'a reset mid stream (D3 7)',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n',
      'reset',
      'upstream_cut',
    ],
    [
      'an end mid stream (D3 8)',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n',
      'end',
      'upstream_cut',
    ],
    [
      'an end mid stream of a connection that was to close (D3 8)',
      'HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n',
      'end',
      'upstream_cut',
    ],
    [
      'a content-length that is too long (D3 14)',
      'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi',
      'end',
      'upstream_invalid',
    ],
    [
      'a content-length that is too long, on a connection that was to close (D3 14)',
      'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 9\r\n\r\nhi',
      'end',
      'upstream_invalid',
    ],
    ['a reset before the content-length', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi', 'reset', 'upstream_cut'],
    [
      'a reset where only the end of the connection ends the body (S1)',
      'HTTP/1.1 200 OK\r\n\r\nhi',
      'reset',
      'upstream_cut',
    ],
    [
      'a chunk that is none',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\nzz\r\n',
      'nothing',
      'upstream_invalid',
    ],
  ] as const)('%s is partial', async (_, bytes, cut, kind) => {
    await using raw = await openRawUpstream({
      onCall: (socket) =>
        void socket.write(bytes, async () => {
          // The bytes must be read before the reset discards them.
          await nextTurn()
          await nextTurn()
          if (cut === 'reset') socket.resetAndDestroy()
          if (cut === 'end') socket.end()
        }),
    })
    const upstream = openUpstream({ clock: systemClock })
    const listener = await outcomeOf(upstream, callTo(raw.origin))
    expect(await listener.over).toMatchObject({ class: 'partial', kind })
    expect(listener.heard.filter((event) => event === 'failure' || event === 'end')).toEqual(['failure'])
    while (raw.sockets.size > 0) await nextTurn()
    await upstream.close()
  })

  it.each([
    [
      'both content-length and transfer-encoding (D3 15)',
      'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n',
    ],
    ['two content-lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nhi'],
    ['no HTTP at all', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['a head of more than 16 KiB', `HTTP/1.1 200 OK\r\nx-long: ${'x'.repeat(17 * 1024)}\r\n\r\n`],
    ['an upgrade nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'],
  ])('an answer with %s is invalid, unknown, and its connection is not used again', async (_, bytes) => {
    await using raw = await openRawUpstream({
      onCall: (socket, _call, place) => void socket.write(place === 1 ? bytes : wholeAnswer('{}')),
    })
    const upstream = openUpstream({ clock: systemClock })
    const listener = await outcomeOf(upstream, callTo(raw.origin))
    expect(await listener.over).toMatchObject({ class: 'unknown', kind: 'upstream_invalid' })
    expect((await outcomeOf(upstream, callTo(raw.origin))).heard.at(-1)).toBe('end')
    expect(raw.connections()).toBe(2)
    await upstream.close()
  })

  it.each([
    ['half a status line', 'HTTP/1.1 2'],
    ['half a head', 'HTTP/1.1 200 OK\r\ncontent-type: te'],
  ])('an answer that breaks off after %s is unknown', async (_, bytes) => {
    await using raw = await openRawUpstream({ onCall: (socket) => void socket.end(bytes) })
    const upstream = openUpstream({ clock: systemClock })
    const listener = await outcomeOf(upstream, callTo(raw.origin))
    expect(await listener.over).toMatchObject({ class: 'unknown', kind: 'upstream_cut' })
    await upstream.close()
  })

  it('a 100 Continue that nobody asked for is not understood: invalid, unknown', async () => {
    await using raw = await openRawUpstream({
      onCall: (socket) => void socket.write(`HTTP/1.1 100 Continue\r\n\r\n${wholeAnswer('{}')}`),
    })
    const upstream = openUpstream({ clock: systemClock })
    const listener = await outcomeOf(upstream, callTo(raw.origin))
    expect(await listener.over).toMatchObject({ class: 'unknown', kind: 'upstream_invalid' })
    await upstream.close()
  })

  it('bytes beyond a content-length that is too short are dropped with their connection (D3 14)', async () => {
    await using raw = await openRawUpstream({ onCall: (socket) => void socket.write(`${wholeAnswer('{}')}surplus`) })
    const upstream = openUpstream({ clock: systemClock })
    for (let place = 1; place <= 2; place++) {
      const listener = await outcomeOf(upstream, callTo(raw.origin))
      expect([listener.heard.at(-1), listener.body()]).toEqual(['end', '{}'])
    }
    expect(raw.connections()).toBe(2)
    await upstream.close()
  })

  it.each(['gzip', 'identity, br', 'zstd'])(
    'an answer encoded as %s is refused before a byte of it is passed on (N2)',
    async (encoding) => {
      await using raw = await openRawUpstream({
        onCall: (socket) => void socket.write(wholeAnswer('????', '200 OK', [`content-encoding: ${encoding}`])),
      })
      const upstream = openUpstream({ clock: systemClock })
      const listener = await outcomeOf(upstream, callTo(raw.origin))
      expect(listener.heard).toEqual(['failure'])
      expect(await listener.over).toMatchObject({ class: 'partial', kind: 'upstream_invalid' })
      await upstream.close()
    },
  )
})

async function failureOf(listener: Listener): Promise<{ class: string; message: string }> {
  const over = await listener.over
  if (over === 'end') throw new Error('the exchange ended well')
  return over
}

it('a refused certificate is told before any call is read; on a line that has carried one, nobody knows', () => {
  const error = Object.assign(new Error('alert'), { code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED' })
  const facts = {
    hasAnswerBegun: false,
    hasHead: false,
    declaresLength: false,
    sentForMs: 60_000,
    bodyBytes: 2,
  }
  const classOf = (isReused: boolean) => judge({ kind: 'error', error }, { ...facts, isReused }).class
  expect([classOf(false), classOf(true)]).toEqual(['not-sent', 'unknown'])
})
