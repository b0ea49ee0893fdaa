import { once } from 'node:events'
import net from 'node:net'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/canonical/clock.ts'
import { seededRandom } from '../replay-upstream.ts'
import { turnedClock } from '../turned-clock.ts'
import { openFaultProxy, type CallScript, type FaultProxy } from './proxy.ts'
import { Flow, type Step } from './script.ts'

const text = 'abcdefghij'

describe('a script', () => {
  it.each<[string, readonly Step[], string]>([
    ['nothing said: all passes', [], 'abcdefghij'],
    ['so many bytes, then an end', [{ kind: 'pass', bytes: 3 }, end('reset')], 'abc!reset'],
    ['an end before the first byte', [end('fin')], '!fin'],
    ['an end behind the last byte', [{ kind: 'pass', bytes: 10 }, end('silence')], 'abcdefghij!silence'],
    ['up to words', [{ kind: 'pass-through', words: 'efg' }, end('reset')], 'abcdefg!reset'],
    ['other bytes in place of some', [{ kind: 'pass', bytes: 2 }, put('XYZ', 1)], 'abXYZdefghij'],
    ['bytes that nobody sent', [put('X', 0), { kind: 'pass', bytes: 10 }, put('Z', 0)], 'XabcdefghijZ'],
    [
      'a wait',
      [
        { kind: 'pass', bytes: 1 },
        { kind: 'wait', delayMs: 7 },
      ],
      'a(7)bcdefghij',
    ],
    [
      'slow drops',
      [
        { kind: 'pass', bytes: 6 },
        { kind: 'drip', bytes: 2, everyMs: 5 },
      ],
      'abcdef(5)gh(5)ij',
    ],
  ])('%s, however the bytes are cut', (_name, steps, expected) => {
    for (let size = 1; size <= text.length; size += 1) {
      expect(playedInPieces(steps, size)).toBe(expected)
    }
  })

  it('turns bits over where it is told', () => {
    const flow = new Flow([
      { kind: 'pass', bytes: 1 },
      { kind: 'corrupt', bytes: 2 },
    ])
    const out = [...flow.feed(Buffer.from([1, 2, 3, 4]))].flatMap((act) => (act.kind === 'write' ? [...act.bytes] : []))
    expect(out).toEqual([1, 253, 252, 4])
  })
})

describe('the proxy', () => {
  it('passes both ways untouched, in pieces where it shall, and tells what passed', async () => {
    await using echo = await openEcho()
    await using proxy = await openFaultProxy({ to: echo.origin, clock: systemClock, splits: seededRandom(7) })
    const bytes = Buffer.from(Array.from({ length: 20_000 }, (_, place) => place % 256))
    expect(await exchange(proxy, bytes)).toEqual({ bytes, ended: 'fin' })
    expect(proxy.calls).toHaveLength(1)
    expect([proxy.calls[0]?.up, proxy.calls[0]?.down]).toEqual([bytes, bytes])
    expect(proxy.calls[0]?.ended).toBeUndefined()
  })

  it.each<[string, CallScript, string, string]>([
    ['a reset after n bytes down', { down: [{ kind: 'pass', bytes: 4 }, end('reset')] }, 'abcd', 'reset'],
    ['a FIN after n bytes down', { down: [{ kind: 'pass', bytes: 4 }, end('fin')] }, 'abcd', 'fin'],
    ['a reset after n bytes up', { up: [{ kind: 'pass', bytes: 4 }, end('reset')] }, '', 'reset'],
    ['a FIN to the far side after n bytes up', { up: [{ kind: 'pass', bytes: 4 }, end('fin')] }, '', 'reset'],
  ])('makes %s', async (_name, script, down, ended) => {
    await using echo = await openEcho()
    await using proxy = await openFaultProxy({ to: echo.origin, clock: systemClock })
    const scripted = proxy.nextCall(script)
    expect(await exchange(proxy, Buffer.from(text))).toEqual({ bytes: Buffer.from(down), ended })
    await scripted.done
    expect(proxy.calls[0]?.up.toString()).toBe(text)
    if (script.up) expect(proxy.calls[0]?.upPassedBytes).toBe(4)
  })

  it('falls silent, and stays open until the near side goes', async () => {
    await using echo = await openEcho()
    await using proxy = await openFaultProxy({ to: echo.origin, clock: systemClock })
    const scripted = proxy.nextCall({ down: [{ kind: 'pass', bytes: 2 }, end('silence')] })
    const socket = connect(proxy)
    socket.write(text)
    await Promise.all([scripted.done, once(socket, 'data')])
    expect(proxy.open).toBe(1)
    socket.destroy()
    while (proxy.open > 0 || echo.open() > 0) await turn()
  })

  it('drips on the clock that is handed in', async () => {
    const clock = turnedClock()
    await using echo = await openEcho()
    await using proxy = await openFaultProxy({ to: echo.origin, clock })
    const scripted = proxy.nextCall({ down: [{ kind: 'drip', bytes: 3, everyMs: 1_000 }] })
    const socket = connect(proxy)
    socket.write(text)
    for (const [seconds, bytes] of [3, 6, 9, 10].entries()) {
      while (clock.pendingTimers === 0) await turn()
      expect(proxy.calls[0]?.down.length).toBe(seconds * 3)
      clock.turn(1_000)
      await scripted.passedDown(bytes)
    }
    socket.destroy()
  })

  it('plays one script for each call on a connection, and breaks, refuses and hangs up connections', async () => {
    await using echo = await openEcho()
    await using proxy = await openFaultProxy({ to: echo.origin, clock: systemClock })
    proxy.nextCall({})
    proxy.nextCall({ down: [put('X', 1)] })
    const socket = connect(proxy)
    const heard: string[] = []
    for (const words of ['one', 'two']) {
      socket.write(words)
      heard.push(String((await once(socket, 'data'))[0]))
    }
    expect([heard, proxy.calls.length]).toEqual([['one', 'Xwo'], 2])
    const ended = once(socket, 'end')
    socket.on('end', () => socket.destroy())
    await Promise.all([proxy.hangUp(), ended])
    expect(proxy.open).toBe(0)

    proxy.nextConnection({ kind: 'reset' })
    expect((await exchange(proxy, Buffer.from('x'))).ended).toBe('reset')
    await proxy.refuse()
    const [error] = await once(connect(proxy), 'error')
    expect(error).toMatchObject({ code: 'ECONNREFUSED' })
    await proxy.accept()
    expect((await exchange(proxy, Buffer.from('back'))).bytes.toString()).toBe('back')
  })
})

function end(how: 'reset' | 'fin' | 'silence'): Step {
  return { kind: 'end', how }
}

function put(words: string, insteadOf: number): Step {
  return { kind: 'put', bytes: Buffer.from(words), insteadOf }
}

function playedInPieces(steps: readonly Step[], size: number): string {
  const flow = new Flow(steps)
  let told = ''
  for (let from = 0; from < text.length; from += size)
    for (const act of flow.feed(Buffer.from(text.slice(from, from + size)))) {
      if (act.kind === 'write') told += act.bytes.toString()
      if (act.kind === 'wait') told += `(${act.delayMs})`
      if (act.kind === 'end') return `${told}!${act.how}`
    }
  return told
}

async function openEcho() {
  const sockets = new Set<net.Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
    socket.pipe(socket)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  return {
    origin: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    open: () => sockets.size,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

function connect(proxy: FaultProxy): net.Socket {
  return net.connect(Number(new URL(proxy.origin).port), '127.0.0.1')
}

/** Sends bytes and a FIN, and hears what comes back until the end. */
async function exchange(proxy: FaultProxy, bytes: Buffer): Promise<{ bytes: Buffer; ended: 'fin' | 'reset' }> {
  const socket = net.connect({ port: Number(new URL(proxy.origin).port), host: '127.0.0.1', allowHalfOpen: true })
  const heard: Buffer[] = []
  const { promise, resolve } = Promise.withResolvers<'fin' | 'reset'>()
  socket.on('data', (chunk: Buffer) => heard.push(chunk))
  socket.on('end', () => resolve('fin')).on('error', () => resolve('reset'))
  socket.end(bytes)
  const ended = await promise
  socket.destroy()
  return { bytes: Buffer.concat(heard), ended }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
