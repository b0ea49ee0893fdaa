import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { afterEach, describe, expect, it } from 'vitest'
import { collectGarbage } from '../../test/collect-garbage.ts'
import { turnedClock } from '../../test/turned-clock.ts'
import { systemClock } from '../canonical/clock.ts'
import type { Principal } from '../canonical/principal.ts'
import type { ListenerTls } from '../config/listener-tls.ts'
import { GatewayError } from '../canonical/error.ts'
import type { Exchange } from '../gateway/exchange.ts'
import { makeAuthority } from '../providers/laws/self-signed.ts'
import { listen, type DataListener } from './listen.ts'
import { standardPatience, type DataListenerParts } from './listener-parts.ts'
import type { Probes } from './probes.ts'
import { serverSettings } from './settings.ts'

let listener: DataListener | undefined
const sockets: Socket[] = []

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await listener?.drain({ drainMs: 0, isReplaced: false })
  listener = undefined
})

/** Answers with the body that came, and says who was let in. */
async function echo(exchange: Exchange): Promise<void> {
  try {
    exchange.admit(caller)
    const body = await exchange.client.readBody(1_000_000)
    exchange.client.head(200, ['content-length', String(body.length)])
    exchange.client.end(body)
  } catch (thrown) {
    if (!(thrown instanceof GatewayError)) throw thrown
    if (exchange.client.isGone) return
    exchange.client.head(thrown.status, ['content-length', '0'])
    exchange.client.end()
  }
}

/** Answers with a stream of two events: the first at once where it is to have begun, the rest when it is told to. */
async function openStream(hasBegun: boolean) {
  const asked = Promise.withResolvers<Exchange>()
  const first = ({ client }: Exchange) => {
    client.head(200, ['content-type', 'text/event-stream'])
    client.write(Buffer.from('data: 1\n\n'))
  }
  await open(
    {},
    {
      serve: async (exchange) => {
        await exchange.client.readBody(100)
        if (hasBegun) first(exchange)
        asked.resolve(exchange)
      },
    },
  )
  const end = (exchange: Exchange) => {
    if (!hasBegun) first(exchange)
    exchange.client.end(Buffer.from('data: 2\n\n'))
  }
  return { asked: asked.promise, end }
}

async function open(
  settings: object = {},
  { port = 0, ...parts }: Partial<DataListenerParts> & { readonly port?: number } = {},
  tls?: ListenerTls,
): Promise<DataListener> {
  const limits = serverSettings.parse(settings)
  let ids = 0
  listener = await listen(
    {
      clock: systemClock,
      random: () => 0,
      probes: calm,
      limits: () => limits,
      nextId: () => `req_${(ids += 1)}`,
      serve: echo,
      carry: echo,
      carryNative: echo,
      carryRealtime: echo,
      tellModels: () => ({ data: [] }),
      ownBudget: async () => ({ data: [] }),
      quote: async () => ({ targets: [] }),
      onBug: (error) => {
        throw error
      },
      onStall: () => undefined,
      onAcceptFailure: () => undefined,
      ...parts,
    },
    { host: '127.0.0.1', port, maxConnections: limits.maxConnections, tls },
  )
  return listener
}

const calm: Probes = {
  memoryShare: () => 0,
  loopDelay: () => ({ usualMs: 0, longestMs: 0 }),
  openFiles: () => undefined,
  fileLimit: undefined,
  close: () => undefined,
}

/** A connection, and everything that came back on it. */
class Wire {
  readonly socket: Socket
  readonly closed: Promise<void>
  text = ''

  constructor() {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.socket = connect(Number(new URL(listener?.origin ?? '').port), '127.0.0.1')
    this.closed = promise
    this.socket.setEncoding('latin1')
    this.socket.on('data', (part: string) => (this.text += part))
    this.socket.on('error', () => this.socket.destroy())
    this.socket.on('close', () => resolve())
    sockets.push(this.socket)
  }

  send(text: string): this {
    this.socket.write(text, 'latin1')
    return this
  }

  async hears(expected: RegExp): Promise<string> {
    while (!expected.test(this.text)) {
      if (this.socket.destroyed) throw new Error(`closed after ${JSON.stringify(this.text)}`)
      await turn()
    }
    return this.text
  }
}

function selfSigned(): ListenerTls {
  const issued = makeAuthority().issue('localhost')
  return { ...issued, clientAuthorities: undefined, minVersion: 'TLSv1.2' }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))
const post = (headers = '', body = '{}', path = '/v1/chat/completions') =>
  `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${headers}content-length: ${body.length}\r\n\r\n${body}`
const session =
  'GET /v1/realtime?model=m HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
const get = (path: string, method = 'GET') => `${method} ${path} HTTP/1.1\r\nhost: x\r\n\r\n`

const caller: Principal = {
  organisation: 'acme',
  team: undefined,
  project: undefined,
  user: undefined,
  agent: undefined,
  keyId: 'k',
  keyName: 'k',
  allowedModels: [],
  limits: [],
  budgets: [],
  runId: undefined,
  requiredTags: [],
  metadata: {},
}

describe('connections', () => {
  it('N7 beyond those of one address are closed unread, and room is made when one goes', async () => {
    await open({ maxConnectionsPerAddress: 2 })
    const first = new Wire().send(get('/healthz'))
    await first.hears(/ok/)
    const second = new Wire().send(get('/healthz'))
    await second.hears(/ok/)
    const third = new Wire().send(get('/healthz'))
    await third.closed
    expect(third.text).toBe('')
    first.socket.destroy()
    await until(() => listener?.load().connections.open === 1)
    await new Wire().send(get('/healthz')).hears(/ok/)
    expect(listener?.load().connections).toMatchObject({ open: 2, refused: { address: 1, total: 0 } })
  })

  it('N7 beyond those there may be in all are closed unread', async () => {
    await open({ maxConnections: 1 })
    await new Wire().send(get('/healthz')).hears(/ok/)
    const second = new Wire()
    await second.closed
    expect(listener?.load().connections.refused.total).toBe(1)
  })

  it('N7 those of sessions count for as long as they last, and so does the call that opened one', async () => {
    const opened = Promise.withResolvers<Duplex>()
    await open(
      { maxConnections: 1, maxExchanges: 1 },
      {
        carryRealtime: async ({ client, admit }) => {
          admit(caller)
          opened.resolve(client.accept((key) => key))
        },
      },
    )
    const first = new Wire().send(session)
    await first.hears(/^HTTP\/1\.1 101 /)
    const second = new Wire()
    await second.closed
    const { connections, readings } = listener?.load() ?? {}
    expect(connections).toMatchObject({ open: 1, refused: { total: 1 } })
    expect(readings).toMatchObject({ exchanges: 1 })
    expect(listener?.running).toBe(1)
    const there = await opened.promise
    there.destroy()
    await until(() => listener?.running === 0)
    expect(listener?.load()).toMatchObject({ connections: { open: 0 }, readings: { exchanges: 0 } })
    await new Wire().send(get('/healthz')).hears(/ok/)
  })

  it('are taken several in a turn of the event loop', async () => {
    await open()
    for (let place = 0; place < 64; place++) new Wire()
    let turns = 0
    await until(() => {
      turns += 1
      return listener?.load().connections.open === 64
    })
    expect(turns).toBeLessThan(32)
  })

  it('are taken by one gateway at an address, and by no other beside it', async () => {
    const { origin } = await open()
    const first = listener
    await expect(open({}, { port: Number(new URL(origin).port) })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    listener = first
    await new Wire().send(get('/healthz')).hears(/ok/)
  })

  it('fault 43 are closed at once, and calls refused, while only reserved descriptors are left; then all goes on', async () => {
    let openFiles = 10
    let memoryShare = 0
    const probes = { ...calm, memoryShare: () => memoryShare, openFiles: () => openFiles, fileLimit: 100 }
    await open({ shed: { fileReserve: 50 } }, { probes })
    const early = new Wire().send(post())
    await early.hears(/200 OK/)
    openFiles = 60
    // Of memory there is none left either: the reserve is kept all the same.
    memoryShare = 1
    await until(() => listener?.load().readings.openFiles === 60)
    const late = new Wire()
    await late.closed
    early.send(post())
    await early.hears(/503 Service Unavailable[\s\S]*connection: close/i)
    await early.closed
    openFiles = 10
    memoryShare = 0
    await until(() => listener?.load().readings.openFiles === 10)
    await new Wire().send(post()).hears(/200 OK/)
    expect(listener?.load()).toMatchObject({ connections: { refused: { files: 1 } }, shed: { files: 1 } })
  })

  it.each([
    ['nothing at all', ''],
    ['half a header', 'POST /v1/chat/completions HTTP/1.1\r\nhos'],
  ])('N7 are closed when %s comes in time', async (_what, sent) => {
    await open({}, { patience: { ...standardPatience, headersMs: 50, checkMs: 10 } })
    const slow = new Wire().send(sent)
    await slow.closed
    expect(slow.text).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\nconnection: close/)
  })

  it.each([
    ['nothing at all', ''],
    ['half a handshake', '\x16\x03\x01\x02\0\x01'],
  ])('N7 with TLS are closed when %s comes in time', async (_what, sent) => {
    // Its clock stands still: nothing else closes them.
    await open({}, { clock: turnedClock(), patience: { ...standardPatience, handshakeMs: 50 } }, selfSigned())
    const slow = new Wire().send(sent)
    await slow.closed
    await until(() => listener?.load().connections.open === 0)
  })

  it('with TLS that are still in their handshake do not hold up a drain', async () => {
    await open({}, { patience: { ...standardPatience, handshakeMs: 3_600_000 } }, selfSigned())
    const silent = new Wire()
    await until(() => listener?.load().connections.open === 1)
    await listener?.drain({ drainMs: 0, isReplaced: false })
    await silent.closed
  })

  it('N7 whose body does not come are told so, and closed', async () => {
    await open({ bodyMs: 50 })
    const slow = new Wire().send(post().slice(0, -1))
    await slow.hears(/HTTP\/1\.1 408 [\s\S]*connection: close/i)
    slow.send('}')
    await slow.closed
    expect(listener?.running).toBe(0)
  })

  it('are closed after their last request, which the answer says', async () => {
    await open({}, { patience: { ...standardPatience, requestsPerConnection: 2 } })
    const wire = new Wire().send(post())
    await wire.hears(/connection: keep-alive/i)
    wire.send(post())
    await wire.hears(/200 OK[\s\S]*200 OK[\s\S]*connection: close/i)
    await wire.closed
  })
})

describe('a call that there is no room for', () => {
  it('fault 42 is refused with a wait, before its body is sent, and the connection is closed', async () => {
    await open({}, { probes: { ...calm, memoryShare: () => 0.9 } })
    const wire = new Wire().send(post('expect: 100-continue\r\n', ''))
    await wire.hears(/"code":"overloaded"/)
    expect(wire.text).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/)
    expect(wire.text).toMatch(/retry-after: 1\r\n/i)
    expect(wire.text).toMatch(/x-should-retry: true\r\n/i)
    expect(wire.text).toMatch(/connection: close\r\n/i)
    await wire.closed
    await new Wire().send(get('/healthz')).hears(/200 OK/)
  })

  it('N6 is refused when its body is announced and would be one too many', async () => {
    const all = Promise.withResolvers<void>()
    await open(
      { maxBodyBytes: 1_024, maxHeldBodyBytes: 1_024 },
      {
        serve: async (exchange) => {
          await exchange.client.readBody(1_024).catch((thrown: unknown) => {
            exchange.client.head(thrown instanceof GatewayError ? thrown.status : 500, ['content-length', '0'])
            exchange.client.end()
          })
          await all.promise
          if (!exchange.client.hasBegun) exchange.client.head(200, ['content-length', '0'])
          exchange.client.end()
        },
      },
    )
    const first = new Wire().send(post('', 'x'.repeat(1_000)))
    await until(() => listener?.load().readings.heldBodyBytes === 1_000)
    await new Wire().send(post('', 'x'.repeat(100))).hears(/503 /)
    all.resolve()
    await first.hears(/200 OK/)
    await until(() => listener?.load().readings.heldBodyBytes === 0)
  })
})

describe('the rarer parts of HTTP', () => {
  it('pipelining: the first is answered, the second refused, and the connection is closed', async () => {
    const gate = Promise.withResolvers<void>()
    await open(
      {},
      {
        serve: async (exchange) => {
          await gate.promise
          await echo(exchange)
        },
      },
    )
    const wire = new Wire().send(post('', '{"a":1}') + post('', '{"b":2}'))
    await until(() => listener?.running === 1)
    gate.resolve()
    await wire.closed
    expect(wire.text).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*\{"a":1\}HTTP\/1\.1 400 Bad Request[\s\S]*no pipelining here/)
    expect(wire.text).not.toContain('{"b":2}')
  })

  it.each([
    ['that has not begun', false],
    ['that has begun', true],
  ])('pipelining: a session asked for behind an answer %s is refused after it', async (_what, hasBegun) => {
    const answer = await openStream(hasBegun)
    const wire = new Wire().send(post())
    const exchange = await answer.asked
    if (hasBegun) await wire.hears(/data: 1/)
    wire.send(session)
    await until(() => listener?.running === 2)
    answer.end(exchange)
    await wire.closed
    expect(wire.text).toMatch(
      /^HTTP\/1\.1 200 OK[\s\S]*data: 1\n\n[\s\S]*data: 2\n\n\r\n0\r\n\r\nHTTP\/1\.1 400 Bad Request[\s\S]*no pipelining here/,
    )
    expect(wire.text).not.toContain('101')
  })

  it('a session may be asked for behind an answer that has left', async () => {
    await open({}, { carryRealtime: async ({ client }) => void client.accept((key) => key).end() })
    const wire = new Wire().send(post())
    await wire.hears(/\{\}$/)
    wire.send(session)
    await wire.hears(/\{\}HTTP\/1\.1 101 Switching Protocols\r\n/)
  })

  it.each([
    ['that has not begun', false, /^$/],
    ['that has begun', true, /data: 1\n\n\r\n$/],
  ])('CONNECT behind an answer %s ends both', async (_what, hasBegun, heard) => {
    const answer = await openStream(hasBegun)
    const wire = new Wire().send(post())
    const { client } = await answer.asked
    if (hasBegun) await wire.hears(/data: 1/)
    wire.send('CONNECT x:80 HTTP/1.1\r\nhost: x\r\n\r\n')
    await wire.closed
    expect(wire.text).toMatch(heard)
    expect([client.isGone, listener?.running]).toEqual([true, 0])
  })

  it('one request after another is no pipelining', async () => {
    await open()
    const wire = new Wire()
    for (let round = 1; round <= 20; round += 1) {
      wire.send(post('', `{"n":${round}}`))
      await wire.hears(new RegExp(`\\{"n":${round}\\}$`))
    }
    expect(wire.text).not.toMatch(/connection: close/i)
  })

  it('a connection at rest keeps nothing of the call that it carried', async () => {
    const clients: WeakRef<Exchange['client']>[] = []
    await open(
      {},
      {
        serve: async (exchange) => {
          clients.push(new WeakRef(exchange.client))
          await echo(exchange)
        },
      },
    )
    const wire = new Wire().send(post('', '{"a":1}'))
    await wire.hears(/\{"a":1\}$/)
    await until(() => listener?.running === 0)
    await turn()
    collectGarbage()
    expect(clients.map((client) => client.deref())).toEqual([undefined])
    expect(wire.socket.destroyed).toBe(false)
  })

  it('Expect: 100-continue is answered when the body is wanted, and not before', async () => {
    const gate = Promise.withResolvers<void>()
    await open(
      {},
      {
        serve: async (exchange) => {
          await gate.promise
          await echo(exchange)
        },
      },
    )
    const wire = new Wire().send(post('Expect: 100-continue\r\n', '').replace('content-length: 0', 'content-length: 2'))
    await until(() => listener?.running === 1)
    expect(wire.text).toBe('')
    gate.resolve()
    await wire.hears(/^HTTP\/1\.1 100 Continue\r\n\r\n/)
    wire.send('{}')
    await wire.hears(/200 OK[\s\S]*\{\}$/)
  })

  it.each([
    ['CONNECT', 'CONNECT x:80 HTTP/1.1\r\nhost: x\r\n\r\n', 405],
    ['OPTIONS of a path', get('/v1/chat/completions', 'OPTIONS'), 405],
    ['OPTIONS of everything', get('*', 'OPTIONS'), 404],
    ['TRACE', get('/v1/chat/completions', 'TRACE'), 405],
    ['DELETE of the models', get('/v1/models', 'DELETE'), 405],
    ['OPTIONS of the health', get('/healthz', 'OPTIONS'), 405],
    ['POST of the readiness', get('/readyz', 'POST'), 405],
    ['POST of a model', get('/v1/models/demo', 'POST'), 405],
    ['POST of a verb of Gemini’s that is not served', get('/v1beta/models/demo:predict', 'POST'), 404],
    ['HEAD of a path that wants POST', get('/v1/chat/completions', 'HEAD'), 405],
    ['HEAD of the health', get('/healthz', 'HEAD'), 200],
    ['HEAD of the models', get('/v1/models', 'HEAD'), 200],
    ['an expectation nobody knows', post('Expect: magic\r\n'), 400],
    ['an absolute path', get('http://x/healthz'), 404],
  ])('%s: %#', async (_what, sent, status) => {
    await open()
    const wire = new Wire().send(sent)
    const text = await wire.hears(/\r\n\r\n/)
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    if (sent.startsWith('HEAD')) expect(text).toMatch(/\r\n\r\n$/)
    if (sent.startsWith('CONNECT')) await wire.closed
    expect(text.toLowerCase()).not.toContain('access-control')
  })

  it('an upgrade is not made: the answer is HTTP/1.1, and the connection is closed', async () => {
    await open()
    const wire = new Wire().send(post('connection: upgrade\r\nupgrade: websocket\r\n', '{"u":1}'))
    await wire.closed
    expect(wire.text).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*connection: close[\s\S]*\{"u":1\}$/i)
  })

  it('clients that are spread are told to connect anew with their next answer, once, and those that come later are not', async () => {
    const lots = [0.4, 0.6]
    await open({}, { random: () => lots.shift() ?? 0 })
    const [moved, kept] = [new Wire(), new Wire()]
    for (const wire of [moved, kept]) await wire.send(post('', '{"n":1}')).hears(/\{"n":1\}$/)
    listener?.spreadClients(0.5)
    const late = new Wire()
    for (const wire of [late, moved, kept, late, kept]) await wire.send(post('', '{"n":2}')).hears(/\{"n":2\}$/)
    await moved.closed
    expect(moved.text).toMatch(/connection: close[\s\S]*\{"n":2\}$/i)
    for (const { text } of [kept, late]) expect(text).not.toMatch(/connection: close/i)
    expect(lots).toEqual([])
  })

  it('trailers are thrown away', async () => {
    const seen: (string | undefined)[] = []
    await open(
      {},
      {
        serve: async (exchange) => {
          await echo(exchange)
          seen.push(exchange.headers.one('x-late'), exchange.headers.one('authorization'))
        },
      },
    )
    const wire = new Wire().send(
      'POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ntrailer: x-late\r\n\r\n2\r\n{}\r\n0\r\nx-late: 1\r\nauthorization: x\r\n\r\n',
    )
    await wire.hears(/200 OK[\s\S]*\{\}$/)
    expect(seen).toEqual([undefined, undefined])
  })

  it('HTTP/1.0 is answered without chunks, and the connection is closed', async () => {
    await open(
      {},
      {
        serve: async ({ client }) => {
          await client.readBody(100)
          client.head(200, ['content-type', 'text/event-stream'])
          client.write(Buffer.from('data: 1\n\n'))
          client.end(Buffer.from('data: 2\n\n'))
        },
      },
    )
    const wire = new Wire().send(post().replace('HTTP/1.1', 'HTTP/1.0'))
    await wire.closed
    expect(wire.text).toMatch(/\r\n\r\ndata: 1\n\ndata: 2\n\n$/)
    expect(wire.text).not.toMatch(/transfer-encoding/i)
  })

  it('HTTP/1.0 keeps its connection where it asks for that, and the answer says how long it is', async () => {
    await open()
    const kept = post('connection: keep-alive\r\n', '{"n":1}').replace('HTTP/1.1', 'HTTP/1.0')
    const wire = new Wire().send(kept)
    await wire.hears(/connection: keep-alive[\s\S]*\{"n":1\}$/i)
    wire.send(kept.replace('1}', '2}'))
    await wire.hears(/\{"n":2\}$/)
  })
})

describe('a client', () => {
  it('N8 that sends garbage in the middle of an answer is cut off: nothing is written into the answer', async () => {
    const begun = Promise.withResolvers<Exchange>()
    await open(
      {},
      {
        serve: async (exchange) => {
          await exchange.client.readBody(100)
          exchange.client.head(200, ['content-type', 'text/event-stream'])
          exchange.client.write(Buffer.from('data: 1\n\n'))
          begun.resolve(exchange)
        },
      },
    )
    const wire = new Wire().send(post())
    const { client } = await begun.promise
    await wire.hears(/data: 1/)
    const gone = new Promise<void>((then) => client.gone(then))
    wire.send('\0garbage\r\n\r\n')
    await gone
    await wire.closed
    expect(wire.text).toMatch(/data: 1\n\n\r\n$/)
    expect(listener?.running).toBe(0)
  })
})

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await turn()
}
