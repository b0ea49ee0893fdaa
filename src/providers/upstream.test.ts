import type net from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
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

describe('an answer', () => {
  it('arrives with its status, its headers in any case, and its bytes, which are the listener’s to keep', async () => {
    const parts = Array.from({ length: 50 }, (_, place) => `${place}:${'x'.repeat(place * 100)};`)
    await using raw = await openRawUpstream({
      onCall: (socket) => {
        socket.write(
          'HTTP/1.1 429 Too Many\r\nRetry-After: 2\r\nX-Two: a\r\nX-Two: b\r\ncontent-encoding: identity\r\n\r\n',
        )
        const write = (): void => {
          const part = parts[written++]
          if (part === undefined) socket.end()
          else socket.write(part, write)
        }
        let written = 0
        write()
      },
    })
    const upstream = openUpstream({ clock: systemClock })
    const headers: (string | undefined)[] = []
    const listener = openListener()
    upstream.send(callTo(raw.origin), {
      ...listener,
      head: (status, header) => {
        listener.head(status, header)
        headers.push(
          header('retry-after'),
          header('x-two'),
          header('absent'),
          header('constructor'),
          header('__proto__'),
        )
      },
    })
    expect(await listener.over).toBe('end')
    expect(listener.status()).toBe(429)
    expect(headers).toEqual(['2', 'a, b', undefined, undefined, undefined])
    expect(listener.body()).toBe(parts.join(''))
    await upstream.close()
  })

  it('may be preceded by informational ones, which are not told', async () => {
    await using raw = await openRawUpstream({
      onCall: (socket) => void socket.write(`HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n${wholeAnswer('{}')}`),
    })
    const upstream = openUpstream({ clock: systemClock })
    const listener = await outcomeOf(upstream, callTo(raw.origin))
    expect([listener.status(), listener.heard]).toEqual([200, ['head', 'chunk', 'end']])
    await upstream.close()
  })

  it('is not followed when it is a redirect (D3 21)', async () => {
    await using raw = await openRawUpstream({
      onCall: (socket) => void socket.write(wholeAnswer('{}', '302 Found', ['location: http://127.0.0.1:1/inside'])),
    })
    const upstream = openUpstream({ clock: systemClock })
    const listener = await outcomeOf(upstream, callTo(raw.origin))
    expect([listener.status(), listener.heard.at(-1), raw.calls.length]).toEqual([302, 'end', 1])
    await upstream.close()
  })
})

describe('what is sent', () => {
  it('is the call as given, with host, connection and content-length added and nothing else', async () => {
    await using raw = await openRawUpstream({ onCall: (socket) => void socket.write(wholeAnswer('{}')) })
    const upstream = openUpstream({ clock: systemClock })
    await outcomeOf(upstream, callTo(raw.origin, { path: '/a/b?c=d', headers: ['x-one', '1', 'x-two', '2'] }))
    await outcomeOf(upstream, callTo(raw.origin, { method: 'GET', headers: [], body: Buffer.alloc(0) }))
    const host = raw.origin.slice('http://'.length)
    expect(raw.calls).toEqual([
      `POST /a/b?c=d HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\nx-one: 1\r\nx-two: 2\r\ncontent-length: 13\r\n\r\n{"model":"m"}`,
      `GET /v1/x HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n\r\n`,
    ])
    await upstream.close()
  })

  it.each(['canary\r\nx-evil: 1', 'canary\nx', 'canary\0', 'canary\u2028'])(
    'never holds a header value such as %j',
    async (value) => {
      await using raw = await openRawUpstream({ onCall: (socket) => void socket.write(wholeAnswer('{}')) })
      const upstream = openUpstream({ clock: systemClock })
      const listener = openListener()
      upstream.send(callTo(raw.origin, { headers: ['x-api-key', value] }), listener)
      expect(listener.heard).toEqual([])
      const failure = await failureOf(listener)
      expect(failure).toMatchObject({ class: 'not-sent', kind: 'upstream_unavailable' })
      expect(failure.message).toContain('x-api-key')
      expect(failure.message).not.toContain('canary')
      expect(raw.calls).toEqual([])
      await upstream.close()
    },
  )

  it('uses one connection for calls in turn, several for calls at once, and counts them', async () => {
    await using raw = await openRawUpstream({ onCall: (socket) => void socket.write(wholeAnswer('{}')) })
    const upstream = openUpstream({ clock: systemClock })
    for (let place = 0; place < 5; place++) await outcomeOf(upstream, callTo(raw.origin))
    expect([upstream.connections().opened, raw.connections()]).toEqual([1, 1])
    await Promise.all([1, 2, 3].map(() => outcomeOf(upstream, callTo(raw.origin))))
    expect([upstream.connections().opened, raw.connections()]).toEqual([3, 3])
    await upstream.close()
  })

  it('goes over a new connection when it must, even while an idle one is there', async () => {
    await using raw = await openRawUpstream({ onCall: (socket) => void socket.write(wholeAnswer('{}')) })
    const upstream = openUpstream({ clock: systemClock })
    await outcomeOf(upstream, callTo(raw.origin))
    await outcomeOf(upstream, callTo(raw.origin, { mustConnectAnew: true }))
    expect(raw.connections()).toBe(2)
    expect(raw.calls[1]).toContain('connection: close\r\n')
    await outcomeOf(upstream, callTo(raw.origin))
    expect([raw.connections(), upstream.connections().opened]).toEqual([2, 2])
    await upstream.close()
  })

  it('waits for a connection up to a limit, and is refused beyond it', async () => {
    const held: net.Socket[] = []
    await using raw = await openRawUpstream({ onCall: (socket) => void held.push(socket) })
    const upstream = openUpstream({ clock: systemClock })
    const call = callTo(raw.origin, { network: { connectTimeoutMs: 3_000, maxConnections: 1 } })
    const [running, waiting, refused] = [openListener(), openListener(), openListener()]
    upstream.send(call, running)
    upstream.send(call, waiting)
    upstream.send(call, refused)
    expect(refused.heard).toEqual([])
    expect(await refused.over).toMatchObject({ class: 'not-sent', kind: 'upstream_unavailable' })
    while (held.length === 0) await nextTurn()
    held.shift()?.write(wholeAnswer('{}'))
    expect(await running.over).toBe('end')
    while (held.length === 0) await nextTurn()
    held.shift()?.write(wholeAnswer('{}'))
    expect(await waiting.over).toBe('end')
    expect(raw.connections()).toBe(1)
    await upstream.close()
  })
})

describe('pause, resume and abort', () => {
  it('a paused exchange stops reading, the provider feels it, and nothing is lost on resume (N6)', async () => {
    const size = 32 * 1024 * 1024
    let written = 0
    await using raw = await openRawUpstream({
      onCall: (socket) => {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n`)
        const part = Buffer.alloc(64 * 1024, 'x')
        const fill = (): void => {
          while (written < size) {
            written += part.length
            if (!socket.write(part)) return void socket.once('drain', fill)
          }
        }
        fill()
      },
    })
    const upstream = openUpstream({ clock: systemClock })
    const listener = openListener()
    const exchange = upstream.send(callTo(raw.origin), {
      ...listener,
      chunk: (bytes) => {
        listener.chunk(bytes)
        if (listener.chunks.length === 3) exchange.pause()
      },
    })
    const turns = async (): Promise<number> => {
      for (let turn = 0; turn < 50; turn++) await nextTurn()
      return written
    }
    for (let before = -1, now = 0; before !== now || now === 0; now = await turns()) before = now
    expect(listener.chunks.length).toBeLessThanOrEqual(4)
    expect(written).toBeLessThan(size)
    exchange.resume()
    expect(await listener.over).toBe('end')
    expect(listener.body().length).toBe(size)
    await upstream.close()
  })

  it('a pause before the answer holds the body back', async () => {
    await using raw = await openRawUpstream({ onCall: (socket) => void socket.write(wholeAnswer('{"a":1}')) })
    const upstream = openUpstream({ clock: systemClock })
    const listener = openListener()
    const exchange = upstream.send(callTo(raw.origin), listener)
    exchange.pause()
    while (listener.heard.length === 0) await nextTurn()
    for (let turn = 0; turn < 20; turn++) await nextTurn()
    expect(listener.heard).toEqual(['head'])
    exchange.resume()
    expect([await listener.over, listener.body()]).toEqual(['end', '{"a":1}'])
    await upstream.close()
  })

  it.each(['before a connection is there', 'at the head', 'at a chunk', 'after the end'] as const)(
    'an abort %s is heard by nobody, and breaks the connection unless the answer was whole (N8)',
    async (moment) => {
      const closed = Promise.withResolvers<void>()
      await using raw = await openRawUpstream({
        onConnection: (socket) => socket.on('close', () => closed.resolve()),
        onCall: (socket) => void socket.write('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nhi'),
      })
      const upstream = openUpstream({ clock: systemClock })
      const listener = openListener()
      const exchange = upstream.send(callTo(raw.origin), {
        ...listener,
        head: (status, header) => {
          listener.head(status, header)
          if (moment === 'at the head') exchange.abort()
        },
        chunk: (bytes) => {
          listener.chunk(bytes)
          if (moment === 'at a chunk') exchange.abort()
        },
      })
      if (moment === 'before a connection is there') exchange.abort()
      if (moment === 'after the end') {
        await listener.over
        exchange.abort()
      }
      await upstream.close()
      if (raw.connections() > 0) await closed.promise
      const expected = {
        'before a connection is there': [],
        'at the head': ['head'],
        'at a chunk': ['head', 'chunk'],
        'after the end': ['head', 'chunk', 'end'],
      }
      expect(listener.heard).toEqual(expected[moment])
      expect(raw.calls).toHaveLength(moment === 'before a connection is there' ? 0 : 1)
      exchange.abort()
      exchange.pause()
      exchange.resume()
    },
  )

  it.each(['head', 'chunk', 'end'] as const)(
    'a listener that throws in %s is told one ending, and the bug is reported',
    async (callback) => {
      await using raw = await openRawUpstream({ onCall: (socket) => void socket.write(wholeAnswer('{}')) })
      const bugs: unknown[] = []
      const upstream = openUpstream({ clock: systemClock, onBug: (thrown) => bugs.push(thrown) })
      const listener = openListener()
      const bug = new Error('a bug')
      upstream.send(callTo(raw.origin), {
        ...listener,
        [callback]: (first: never, second: never) => {
          listener[callback](first, second)
          throw bug
        },
      })
      await listener.over
      await upstream.close()
      expect(bugs).toEqual([bug])
      expect(listener.heard.filter((event) => event === 'end' || event === 'failure')).toHaveLength(1)
      if (callback !== 'end') expect(await listener.over).toMatchObject({ class: 'partial' })
    },
  )

  it('a listener that throws in failure is reported too', async () => {
    const bugs: unknown[] = []
    const upstream = openUpstream({ clock: systemClock, onBug: (thrown) => bugs.push(thrown) })
    const listener = openListener()
    upstream.send(callTo('http://127.0.0.1:1'), {
      ...listener,
      failure: (failure) => {
        listener.failure(failure)
        throw new Error('a bug')
      },
    })
    await listener.over
    await nextTurn()
    expect(bugs).toHaveLength(1)
    await upstream.close()
  })
})

describe('close', () => {
  it('waits for running exchanges, ends idle connections, and refuses what comes later', async () => {
    const held: net.Socket[] = []
    await using raw = await openRawUpstream({
      onCall: (socket, _call, place) => (place === 1 ? void socket.write(wholeAnswer('{}')) : void held.push(socket)),
    })
    const upstream = openUpstream({ clock: systemClock })
    await outcomeOf(upstream, callTo(raw.origin))
    const [running, fresh, late] = [openListener(), openListener(), openListener()]
    upstream.send(callTo(raw.origin), running)
    upstream.send(callTo(raw.origin, { mustConnectAnew: true }), fresh)
    while (held.length < 2) await nextTurn()
    let isClosed = false
    const closing = upstream.close().then(() => (isClosed = true))
    upstream.send(callTo(raw.origin), late)
    expect(await late.over).toMatchObject({ class: 'not-sent', kind: 'upstream_unavailable' })
    expect(isClosed).toBe(false)
    for (const socket of held) socket.write(wholeAnswer('{}'))
    expect([await running.over, await fresh.over]).toEqual(['end', 'end'])
    await closing
    while (raw.sockets.size > 0) await nextTurn()
  })
})

async function failureOf(listener: Listener): Promise<{ class: string; message: string }> {
  const over = await listener.over
  if (over === 'end') throw new Error('the exchange ended well')
  return over
}
