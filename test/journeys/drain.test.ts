import http from 'node:http'
import { mkdtempSync, rmSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/canonical/clock.ts'
import { startSimulated, type SimulatedServer } from '../../src/providers/simulated/serve.ts'
import type { ClientCall } from '../crash/calls.ts'
import { compare } from '../crash/compare.ts'
import {
  launchGateway,
  makeHome,
  startGatewayProcess,
  writeConfig,
  type GatewayHome,
  type GatewayProcess,
} from '../crash/gateway-process.ts'
import { within } from '../crash/node-process.ts'
import { readStore } from '../crash/read-store.ts'
import { sendCall, type Seen } from '../crash/send.ts'

/** Signals and starts of the gateway as a real process. What was really served is in the provider's log, in this process. */
let provider: SimulatedServer
let dir: string
const agent = new http.Agent({ keepAlive: true })
const started: GatewayProcess[] = []

beforeAll(async () => {
  provider = await startSimulated({ clock: systemClock, speed: 'instant' })
  dir = mkdtempSync(join(tmpdir(), 'weir-drain-'))
})

afterEach(() => {
  for (const { process } of started.splice(0)) process.signal('SIGKILL')
})

afterAll(async () => {
  agent.destroy()
  await provider.close()
  rmSync(dir, { recursive: true, force: true })
})

describe('SIGTERM', () => {
  it('fault 31 with 500 streams ends readiness at once, lets them finish, and loses no record', async () => {
    const home = newHome(60_000)
    const weir = await start(home)
    const running = Array.from({ length: 500 }, () => startStream(weir, 'sim-1?tokens=60&token_ms=50'))
    await Promise.all(running.map(({ begun }) => begun))
    // Not before: a connection on which nothing is asked is closed after a while.
    const probe = await openProbe(weir.origin)
    probe.beginQuestion()
    weir.process.signal('SIGTERM')
    await weir.process.hears(/SIGTERM, draining/)
    expect(await probe.endQuestion()).toMatch(/^HTTP\/1\.1 503 [\s\S]*draining/)
    await expect(fetch(`${weir.origin}/readyz`)).rejects.toThrow('fetch failed')
    const seen = await Promise.all(running.map(({ seen: end }) => end))
    expect(seen.filter(({ isFinished }) => isFinished)).toHaveLength(500)
    expect(await weir.process.ended).toEqual({ code: 0, signal: null })
    const left = readStore(home.dataDir)
    expect(compare(seen, servedTo(seen), left.records)).toEqual([])
    expect(left).toMatchObject({ integrity: 'ok', spoolFiles: [] })
  }, 120_000)

  it('fault 31 with 500 streams that do not end in time tells each of them in band, and loses no record', async () => {
    const home = newHome(200)
    const weir = await start(home)
    const running = Array.from({ length: 500 }, () => startStream(weir, 'sim-1?stall_after=3'))
    await Promise.all(running.map(({ begun }) => begun))
    expect(await weir.end('SIGTERM')).toEqual({ code: 0, signal: null })
    const seen = await Promise.all(running.map(({ seen: end }) => end))
    // Ended in good order, but not as a whole answer is.
    expect(seen.filter(({ isFinished, broke }) => !isFinished && broke === undefined)).toHaveLength(500)
    const left = readStore(home.dataDir)
    expect(compare(seen, servedTo(seen), left.records)).toEqual([])
    expect(
      left.records.filter(({ status, errorKind }) => `${status} ${errorKind}` === 'truncated draining'),
    ).toHaveLength(500)
    expect(left).toMatchObject({ integrity: 'ok', spoolFiles: [] })
  }, 120_000)

  it('fault 31 serves what comes on open connections in the first moment, tells them to close, and closes idle ones', async () => {
    const weir = await start(newHome(30_000))
    const [busy, idle] = await Promise.all([openLine(weir), openLine(weir)])
    expect(await busy.ask()).toMatch(/^HTTP\/1\.1 200 OK\r\n(?!.*connection: close)/is)
    expect(await idle.ask()).toMatch(/^HTTP\/1\.1 200 OK/)
    weir.process.signal('SIGTERM')
    await weir.process.hears(/SIGTERM, draining/)
    expect(await busy.ask()).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*connection: close\r\n/i)
    await Promise.all([busy.closed, idle.closed])
    expect(await weir.process.ended).toEqual({ code: 0, signal: null })
  })

  it('fault 31 tells what cannot finish in time, in its own dialect, and records it', async () => {
    const home = newHome(200)
    const weir = await start(home)
    const chat = ask(weir, '/v1/chat/completions', { ...chatBody('sim-1?stall_after=3'), stream: true })
    const messages = ask(weir, '/v1/messages', { ...chatBody('sim-1?stall_after=4'), max_tokens: 50, stream: true })
    const whole = ask(weir, '/v1/chat/completions', chatBody('sim-1?stall_after=0'))
    await within('all three to run', () => untilRunning(weir, 3))
    const { code } = await weir.end('SIGTERM')
    expect(code).toBe(0)

    const chatText = await (await chat).text()
    expect(chatText).toMatch(/"code":"draining"[^\n]*\n\n$/)
    expect(chatText).not.toContain('[DONE]')
    const messagesText = await (await messages).text()
    expect(messagesText).toMatch(/event: error\ndata: [^\n]*overloaded_error[^\n]*\n\n$/)
    expect(messagesText).not.toContain('message_stop')
    const refusal = await whole
    expect(refusal.status).toBe(503)
    expect(refusal.headers.get('retry-after')).toBe('1')
    expect(await refusal.json()).toMatchObject({ error: { code: 'draining' } })

    const { records, spoolFiles } = readStore(home.dataDir)
    expect(spoolFiles).toEqual([])
    const byEndpoint = Map.groupBy(records, (record) => `${record.endpoint} ${record.isStream}`)
    expect(byEndpoint.get('/v1/chat/completions true')).toMatchObject([
      { status: 'truncated', errorKind: 'draining', usageSource: 'estimated' },
    ])
    expect(byEndpoint.get('/v1/messages true')).toMatchObject([
      { status: 'truncated', errorKind: 'draining', usageSource: 'partial' },
    ])
    expect(byEndpoint.get('/v1/chat/completions false')).toMatchObject([
      { status: 'failed', errorKind: 'draining', failureClass: 'unknown', usageSource: 'worst_case' },
    ])
  })

  it('fault 32 a second one ends at once, and nothing that was written is lost', async () => {
    const home = newHome(600_000)
    const weir = await start(home)
    const finished = await Promise.all(Array.from({ length: 10 }, () => startStream(weir, 'sim-1?tokens=5').seen))
    const stuck = Array.from({ length: 5 }, () => startStream(weir, 'sim-1?stall_after=3'))
    await Promise.all(stuck.map(({ begun }) => begun))
    weir.process.signal('SIGTERM')
    await weir.process.hears(/SIGTERM, draining/)
    expect(await weir.end('SIGTERM')).toEqual({ code: 1, signal: null })
    expect(weir.process.said()).toContain('second SIGTERM, leaving at once')

    const seen = [...finished, ...(await Promise.all(stuck.map(({ seen: end }) => end)))]
    await (await start(home)).end('SIGTERM')
    const { records, spoolFiles } = readStore(home.dataDir)
    expect(compare(seen, servedTo(seen), records)).toEqual([])
    expect(records.map(({ status }) => status).toSorted()).toEqual([
      ...Array<string>(10).fill('ok'),
      ...Array<string>(5).fill('unknown'),
    ])
    expect(spoolFiles).toEqual([])
  })
})

describe('SIGHUP', () => {
  it('S11 fault 36 takes a changed config, and keeps the last good one instead of a broken one', async () => {
    const home = newHome(5_000)
    const weir = await start(home)
    const running = startStream(weir, 'sim-1?tokens=100&token_ms=10')
    await running.begun
    expect((await ask(weir, '/v1/chat/completions', chatBody('sim-1', 'later'))).status).toBe(404)

    writeConfig(home, configWithLater())
    weir.process.signal('SIGHUP')
    const [, version] = await weir.process.hears(/config reloaded: (\w+)/)
    const later = () => ask(weir, '/v1/chat/completions', chatBody('sim-1', 'later'))
    expect([(await later()).status, (await later()).headers.get('x-weir-config')]).toEqual([200, version])

    for (const [broken, told] of [
      ['models: { later: [', /config refused: \S*weir\.yaml:\d+:\d+ /],
      [configWithLater().replace('  later:', '  later: 1\n  model:'), /weir\.yaml:7:\d+ .*later/],
      [`${configWithLater()}\nmodells: {}`, /weir\.yaml:\d+:\d+ .*did you mean "?models/],
      [configWithLater('credentials: { apiKey: env:NOT_THERE }'), /weir\.yaml:4:\d+ .*NOT_THERE/],
    ] as const) {
      writeConfig(home, broken)
      weir.process.signal('SIGHUP')
      await weir.process.hears(told)
      expect([(await later()).status, (await later()).headers.get('x-weir-config')]).toEqual([200, version])
    }
    expect(await running.seen).toMatchObject({ isFinished: true })
    await weir.end('SIGTERM')
    expect(readStore(home.dataDir).records.filter(({ status }) => status !== 'ok')).toHaveLength(1)
  })
})

describe('the start', () => {
  it('is refused, with one sentence, while another gateway has the data directory', async () => {
    const home = newHome(5_000)
    const weir = await start(home)
    const second = launchGateway(home)
    expect(await second.ended).toEqual({ code: 1, signal: null })
    expect(second.said()).toBe(
      `weir: cannot start\nthe data directory ${home.dataDir} is in use by another gateway (pid ${weir.process.pid}); ` +
        'stop that one, or give this one a directory of its own\n',
    )
    expect((await ask(weir, '/v1/chat/completions', chatBody('sim-1'))).status).toBe(200)
  })

  it('A5 shows its keys once, at the first start that succeeds, whatever failed before', async () => {
    const home = newHome(5_000)
    writeConfig(home, 'models: {\n  - 1')
    expect(await refusedStart(home)).toMatch(/^weir: cannot start\n\S*weir\.yaml:\d+:\d+ /)
    writeConfig(home, config('credentials: { apiKey: env:NOT_THERE }'))
    expect(await refusedStart(home)).toMatch(/weir\.yaml:4:\d+ .*NOT_THERE/)

    const first = await start({ ...home, env: { NOT_THERE: 'here now' } })
    const { firstKey, adminKey } = first
    expect(firstKey).toMatch(/^weir_/)
    expect(adminKey).toMatch(/^weir_admin_/)
    await first.end('SIGTERM')

    writeConfig(home, config())
    const second = await start(home)
    expect([second.firstKey, second.adminKey]).toEqual([undefined, undefined])
    expect((await ask(second, '/v1/chat/completions', chatBody('sim-1'))).status).toBe(200)
    const listed = await fetch(`${second.adminOrigin}/api/keys`, { headers: { authorization: `Bearer ${adminKey}` } })
    expect(await listed.json()).toMatchObject({ items: [{ name: 'first' }] })
  })
})

/** A gateway with a key to call it. */
interface Weir extends GatewayProcess {
  readonly key: string
}

/** The first start of a home shows its key; later ones do not. */
const keyAt = new Map<string, string>()

async function start(home: GatewayHome): Promise<Weir> {
  const gateway = await startGatewayProcess(home)
  started.push(gateway)
  if (gateway.firstKey !== undefined) keyAt.set(home.dataDir, gateway.firstKey)
  return { ...gateway, key: keyAt.get(home.dataDir) ?? '' }
}

async function refusedStart(home: GatewayHome): Promise<string> {
  const child = launchGateway(home)
  expect(await within('the start to be refused', () => child.ended)).toEqual({ code: 2, signal: null })
  return child.said()
}

function newHome(drainMs: number): GatewayHome {
  return makeHome(mkdtempSync(join(dir, 'home-')), config(), { drainMs })
}

function config(more = ''): string {
  const settings = ['kind: simulated', `baseUrl: "${provider.origin}"`, ...(more === '' ? [] : [more])].join(', ')
  return `providers: { sim: { ${settings} } }\nmodels:\n  sim/*: { targets: [{ provider: sim, model: '*' }] }`
}

function configWithLater(more?: string): string {
  return `${config(more)}\n  later: { targets: [{ provider: sim, model: sim-1 }] }`
}

function chatBody(modelName: string, asked = `sim/${modelName}`): Record<string, unknown> {
  return { model: asked, messages: [{ role: 'user', content: 'What does a weir do?' }] }
}

function ask(weir: Weir, path: string, body: Record<string, unknown>): Promise<Response> {
  return fetch(`${weir.origin}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${weir.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

/** A streamed call. `begun`: the first piece of its answer is here. */
function startStream(weir: Weir, modelName: string): { readonly begun: Promise<void>; readonly seen: Promise<Seen> } {
  const call: ClientCall = {
    kind: 'chat-stream',
    path: '/v1/chat/completions',
    body: { model: `sim/${modelName}`, messages: [{ role: 'user', content: 'Flow.' }], stream: true },
    ending: 'data: [DONE]',
    leaves: undefined,
    tellsUsage: true,
  }
  const { promise: begun, resolve } = Promise.withResolvers<void>()
  return { begun, seen: sendCall(call, { origin: weir.origin, key: weir.key, agent }, resolve) }
}

/** What the provider served of these exchanges. */
function servedTo(seen: readonly Seen[]) {
  const ids = new Set(seen.map(({ requestId }) => requestId))
  return provider.log.entries().filter(({ requestId }) => ids.has(requestId))
}

/** A connection of its own that stays open, with one call at a time on it. */
async function openLine(weir: Weir) {
  const { hostname, port } = new URL(weir.origin)
  const socket = net.connect(Number(port), hostname).setEncoding('utf8')
  await new Promise((resolve) => socket.once('connect', resolve))
  let text = ''
  let onText = () => {}
  socket.on('data', (part: string) => {
    text += part
    onText()
  })
  const body = JSON.stringify(chatBody('sim-1'))
  return {
    closed: new Promise<void>((resolve) => socket.once('close', () => resolve())),
    ask: async () => {
      text = ''
      socket.write(
        `POST /v1/chat/completions HTTP/1.1\r\nhost: weir\r\nauthorization: Bearer ${weir.key}\r\n` +
          `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      )
      // The answer is one JSON object, with its length told.
      while (!/\r\n\r\n\{[\s\S]*\}$/.test(text)) await new Promise<void>((resolve) => void (onText = resolve))
      return text
    },
  }
}

/** Half a request on a connection of its own: what the gateway has begun to read when the drain starts. */
async function openProbe(origin: string) {
  const { hostname, port } = new URL(origin)
  const socket = net.connect(Number(port), hostname).setEncoding('utf8')
  await new Promise((resolve) => socket.once('connect', resolve))
  return {
    beginQuestion: () => void socket.write('GET /readyz HTTP/1.1\r\nhost: weir\r\n'),
    endQuestion: async () => {
      socket.write('\r\n')
      let answer = ''
      for await (const text of socket) answer += String(text)
      return answer
    },
  }
}

async function untilRunning(weir: Weir, count: number): Promise<void> {
  for (;;) {
    const text = await (await fetch(`${weir.adminOrigin}/metrics`)).text()
    if (new RegExp(`^weir_exchanges_running ${count}$`, 'm').test(text)) return
  }
}
