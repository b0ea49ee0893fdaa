import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/canonical/clock.ts'
import { startSimulated, type SimulatedServer } from '../../src/providers/simulated/serve.ts'
import { chatCall } from '../crash/calls.ts'
import { compare } from '../crash/compare.ts'
import { makeHome, startGatewayProcess, type GatewayHome, type GatewayProcess } from '../crash/gateway-process.ts'
import { within } from '../crash/node-process.ts'
import { readStore } from '../crash/read-store.ts'
import { sendCall, type Seen } from '../crash/send.ts'
import type { DiskState } from './broken-disk.ts'
import { openFaultProxy, type FaultProxy } from './proxy.ts'

/*
 * A whole gateway on a disk that breaks and heals as the test says: `broken-disk.ts` stands between it and the system. Each has one
 * answer under way when it happens, held half way by a proxy before the provider.
 */
let provider: SimulatedServer
let proxy: FaultProxy
let dir: string
let home: GatewayHome
let weir: GatewayProcess
let agent: http.Agent
/** What the clients saw of calls that the disk did not refuse: such a one was never sent, and its record is counted, not kept. */
let seen: Seen[]

beforeAll(async () => {
  provider = await startSimulated({ clock: systemClock, speed: 'instant' })
  proxy = await openFaultProxy({ to: provider.origin, clock: systemClock })
  dir = mkdtempSync(join(tmpdir(), 'weir-broken-'))
})

afterAll(async () => {
  await proxy[Symbol.asyncDispose]()
  await provider.close()
  rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
})

let lives = 0
beforeEach(async () => {
  lives += 1
  const homeDir = join(dir, String(lives))
  mkdirSync(homeDir)
  agent = new http.Agent({ keepAlive: true })
  seen = []
  const preload = pathToFileURL(join(import.meta.dirname, 'broken-disk.ts')).href
  home = makeHome(
    homeDir,
    `providers:
  sim: { kind: simulated, baseUrl: "${proxy.origin}" }
  open: { kind: openai, baseUrl: "${proxy.origin}/v1", credentials: { apiKey: env:KEY }, reserve: { realtime: { tokens: 60 } },
    native: [{ path: /v1/odd, methods: [POST], reserve: { tokens: 60 } }] }
models: { 'sim/*': { targets: [{ provider: sim, model: '*' }] }, voice: { targets: [{ provider: open, model: m }] } }
organisations: { bounded: { budgets: { all: { tokens: 1000 } } } }`,
    { env: { KEY: 'secret-1', WEIR_BROKEN_DISK: join(homeDir, 'disk'), NODE_OPTIONS: `--import=${preload}` } },
  )
  become('well')
  weir = await startGatewayProcess(home)
  for (let place = 0; place < 5; place += 1) expect(await ask()).toBe(200)
})

afterEach(() => {
  weir.process.signal('SIGKILL')
  agent.destroy()
})

const handshake = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
}

describe('a disk that breaks', () => {
  it('fault 29: a disk that became read-only refuses new calls; what runs is never told as whole, and is recorded when it can be', async () => {
    const running = await beginHeld()
    become('read-only')
    await untilRefused()
    running.goOn()
    // Its record is in memory only, so its client must not take it for finished (I10).
    const broken = await running.ended
    expect(broken).toMatchObject({ status: 200, isFinished: false, pieces: tokens, broke: undefined })
    expect(await ask()).toBe(503)
    expect(weir.process.hasEnded).toBe(false)

    become('well')
    await within('new calls to be served again', async () => {
      while ((await ask()) !== 200);
    })
    const records = await endedInOrder()
    expect(records.filter(({ requestId }) => requestId === broken.requestId)).toMatchObject([{ status: 'ok' }])
  })

  it.each([
    ['on a path of a provider’s own', '/native/open/v1/odd', { method: 'POST', headers: {} }],
    ['of a realtime session', '/v1/realtime?model=voice', { headers: handshake }],
  ])('fault 29: what was set aside for a call %s is free again where the disk refused it', async (_, path, asked) => {
    const made = await fetch(`${weir.adminOrigin}/api/keys`, {
      method: 'POST',
      headers: { authorization: `Bearer ${weir.adminKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'k', organisation: 'bounded' }),
    })
    const { key } = (await made.json()) as { readonly key: string }
    const headers = { authorization: `Bearer ${key}` }
    const statusOfCall = () => statusOf(path, { ...asked, headers: { ...headers, ...asked.headers } })
    // The provider has no such thing. From then on the account is in memory.
    expect(await statusOfCall()).not.toBe(503)
    // Its record is written when another call has come and gone.
    expect(await ask()).toBe(200)
    become('read-only')
    // The first is refused when its intent is written, and the second when it is to be.
    for (const _time of [1, 2]) expect(await statusOfCall()).toBe(503)
    become('well')
    await within('new calls to be served again', async () => {
      while ((await ask()) !== 200);
    })
    const budgets = await (await fetch(`${weir.origin}/v1/budget`, { headers })).json()
    expect(budgets).toMatchObject({ data: [{ spent: '0', held: '0' }] })
    expect(await weir.end('SIGTERM')).toEqual({ code: 0, signal: null })
  })

  it('fault 29: a disk that did not confirm once takes no new call until a restart, and is never asked to confirm again', async () => {
    const running = await beginHeld()
    become('unconfirmed')
    await untilRefused()
    const asked = syncs()
    become('well')
    running.goOn()
    // What was written may be lost with the power, but not with the process: what runs settles in the same file.
    expect(await running.ended).toMatchObject({ status: 200, isFinished: true })
    for (let place = 0; place < 50; place += 1) expect(await ask()).toBe(503)
    const refusal = await fetch(`${weir.origin}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${weir.firstKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(callOf(false).body),
    })
    expect([refusal.status, refusal.headers.get('retry-after')]).toEqual([503, '1'])
    expect(await refusal.json()).toMatchObject({ error: { code: 'store_unavailable' } })
    await weir.end('SIGTERM')
    expect(syncs()).toBe(asked)

    const { firstKey } = weir
    weir = await startGatewayProcess(home)
    expect(await ask(firstKey)).toBe(200)
    await endedInOrder()
  })

  it('fault 30: a disk that is slow to confirm holds up nobody: one confirmation at a time, of all that came meanwhile; none is lost', async () => {
    // The one before may be under way still: from the next on, all are slow.
    become('slow')
    const before = syncs()
    await within('a confirmation to be asked for', async () => {
      while (syncs() === before) expect(await ask()).toBe(200)
    })
    for (let place = 0; place < 100; place += 1) expect(await ask()).toBe(200)
    expect(syncs()).toBe(before + 1)
    become('well')
    await within('the rest to be confirmed', async () => {
      while (syncs() === before + 1) await nextTurn()
    })
    await endedInOrder()
  })
})

/** Of an answer to a call that `fetch` cannot make: it takes no upgrade. */
function statusOf(path: string, asked: http.RequestOptions): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
  http
    .request(`${weir.origin}${path}`, asked, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
    .on('error', reject)
    .end()
  return promise
}

const tokens = 12

const callOf = (isStream: boolean) => chatCall(`sim/sim-1?tokens=${tokens}`, isStream)

async function ask(key = weir.firstKey): Promise<number> {
  const one = await sendCall(callOf(false), { origin: weir.origin, key: key ?? '', agent })
  if (one.status !== 503) seen.push(one)
  return one.status
}

/** A streamed answer that stands still after its first piece until it may go on. */
async function beginHeld(): Promise<{ readonly goOn: () => void; readonly ended: Promise<Seen> }> {
  const { promise: until, resolve: goOn } = Promise.withResolvers<void>()
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  // The opening's, the first piece's, and half of the second piece.
  const contents = Array.from({ length: 3 }, () => ({ kind: 'pass-through', words: '"content":"' }) as const)
  proxy.nextCall({ down: [...contents, { kind: 'hold', until }] })
  const call = sendCall(callOf(true), { origin: weir.origin, key: weir.firstKey ?? '', agent }, begin)
  await within('the stream to begin', () => begun)
  const ended = call.then((one) => {
    seen.push(one)
    return one
  })
  return { goOn, ended }
}

function become(state: DiskState): void {
  writeFileSync(stateFile(), state)
}

const stateFile = (): string => join(home.dir, 'disk')

/** How often the disk was asked to confirm. */
function syncs(): number {
  return readFileSync(`${stateFile()}.syncs`).length
}

async function untilRefused(): Promise<void> {
  await within('new calls to be refused', async () => {
    while ((await ask()) !== 503);
  })
}

/** @returns the records; they agree with what the clients saw and the provider served. */
async function endedInOrder() {
  expect(await weir.end('SIGTERM')).toEqual({ code: 0, signal: null })
  const left = readStore(home.dataDir)
  expect(left).toMatchObject({ integrity: 'ok', spoolFiles: [] })
  const ours = new Set(left.records.map(({ requestId }) => requestId))
  const served = provider.log.entries().filter(({ requestId }) => ours.has(requestId ?? ''))
  expect(compare(seen, served, left.records)).toEqual([])
  return left.records
}
