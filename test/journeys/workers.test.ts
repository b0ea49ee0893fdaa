import http from 'node:http'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { workerList, type WorkerList } from '../../src/admin/contract/worker.ts'
import { systemClock } from '../../src/canonical/clock.ts'
import { startSimulated, type SimulatedServer } from '../../src/providers/simulated/serve.ts'
import { chatCall } from '../crash/calls.ts'
import { compare } from '../crash/compare.ts'
import {
  makeHome,
  startGatewayProcess,
  writeConfig,
  type GatewayHome,
  type GatewayProcess,
} from '../crash/gateway-process.ts'
import { readLog } from '../crash/provider-process.ts'
import { readStore } from '../crash/read-store.ts'
import { sendCall, type Seen } from '../crash/send.ts'

/** One gateway of two worker processes, with real signals and real sockets, through one life. */
const drainMs = 3_000
const limit = 300
let provider: SimulatedServer
let dir: string
let logFile: string
let home: GatewayHome
let weir: GatewayProcess
const agent = new http.Agent({ keepAlive: true })
/** Everything that clients saw, for the comparison with the books at the end. */
const seen: Seen[] = []

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'weir-workers-'))
  // A fast machine makes more calls under load than the provider's memory keeps.
  logFile = join(dir, 'provider.log')
  provider = await startSimulated({ clock: systemClock, speed: 'instant', logFile })
  writePrices('first', '1')
  writeFileSync(join(dir, 'secret'), 'sk-1', { mode: 0o600 })
  home = makeHome(dir, config(), { drainMs, workers: 2 })
  weir = await startGatewayProcess(home)
}, 100_000)

afterAll(async () => {
  weir.process.signal('SIGKILL')
  agent.destroy()
  await provider.close()
  rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
})

describe('a gateway of two workers', () => {
  it('shows two processes that serve, and both do', async () => {
    expect((await workers()).map(({ state }) => state)).toEqual(['serving', 'serving'])
    await until('a third one waits', async () => (await processes()).some(({ state }) => state === 'spare'))
    const { statuses } = await callMany(weir.firstKey ?? '', 64, 1)
    expect(statuses).toEqual({ 200: 64 })
  })

  it('keeps what they compile to its owner: whoever writes there is run by them', () => {
    expect(statSync(join(home.dataDir, 'compiled-code')).mode & 0o777).toBe(0o700)
  })

  it('lets exactly n of 1,000 calls pass on one limit, whichever worker they come to', async () => {
    const { statuses } = await callMany(await newKey('limited'), 100, 10, 'limited')
    expect(statuses).toEqual({ 200: limit, 429: 1_000 - limit })
  })

  it('A8: a revoked key is refused by every worker once the admin API has answered', async () => {
    const { key, id } = await newKeyAndId('revoked')
    expect((await callMany(key, 40, 2)).statuses).toEqual({ 200: 80 })
    await admin('POST', `/api/keys/${id}/revoke`)
    expect((await callMany(key, 40, 2)).statuses).toEqual({ 401: 80 })
  })

  it('fault 18: the admin API shows a breaker that opened in a worker', async () => {
    // Each worker judges by what it saw itself: enough calls for either of them.
    const failing = 'sim-1?status=503'
    await callMany(weir.firstKey ?? '', 1, 20, `sim/${failing}`)
    // What a worker saw reaches the primary with the next message, which may come after the answer that the client has.
    await vi.waitFor(async () => {
      const { items } = (await admin('GET', '/api/providers')) as { items: Providers }
      const sim = named('sim', items)
      expect(sim.targets.find(({ model }) => model === failing)).toMatchObject({
        // On a busy machine its first rest, of a second, may be over.
        state: expect.stringMatching(/^(half-)?open$/),
      })
      expect(sim.health.failures).toBeGreaterThan(0)
    }, 10_000)
  })

  it('adds up what all workers counted, in one scrape', async () => {
    const before = await counted()
    await callMany(weir.firstKey ?? '', 50, 4)
    const after = await counted()
    expect(after.exchanges - before.exchanges).toBe(200)
    expect(after.running).toBe(0)
  })

  it('the admin API names a worker that stands still, since when, and no more once it goes on', async () => {
    const [still] = await workers()
    if (still === undefined) throw new Error('there is no worker')
    process.kill(still.pid, 'SIGSTOP')
    try {
      // A scrape asks each of them.
      await until('the one is silent, and the other is not', async () => {
        await counted()
        return (await workers()).every(({ pid, silentSince }) => (silentSince !== null) === (pid === still.pid))
      })
      expect((await workers()).map(({ state }) => state)).toEqual(['serving', 'serving'])
    } finally {
      process.kill(still.pid, 'SIGCONT')
    }
    await until('it answers again', async () => (await workers()).every(({ silentSince }) => silentSince === null))
  })

  it('S11 fault 37: reloads under load drop nothing, and each answer names the version it was served with', async () => {
    const versions = new Set<string>()
    const load = startCalls(weir.firstKey ?? '', 6)
    for (let change = 1; change <= 8; change += 1) {
      writeConfig(home, `${config()}\n# ${change}`, drainMs, 2)
      versions.add((await admin('POST', '/api/config/reload'))['version'] as string)
      const [one] = (await callMany(weir.firstKey ?? '', 1, 1)).versions
      expect(one).toBe([...versions].at(-1))
    }
    const { statuses } = await load.stop()
    expect(Object.keys(statuses)).toEqual(['200'])
  })

  it('fault 31: a restart replaces every worker under load, and clients on open connections lose nothing', async () => {
    const before = (await workers()).map(({ pid }) => pid)
    const load = startCalls(weir.firstKey ?? '', 6)
    const streams = Array.from({ length: 10 }, () => send(weir.firstKey ?? '', 'sim-1?tokens=100&token_ms=10', true))
    await admin('POST', '/api/restart')
    await until('all workers are new', async () =>
      (await workers()).every(({ pid, state }) => !before.includes(pid) && state === 'serving'),
    )
    const { statuses } = await load.stop()
    expect(Object.keys(statuses)).toEqual(['200'])
    expect((await Promise.all(streams)).filter(({ isFinished }) => isFinished)).toHaveLength(10)
    expect((await workers()).map(({ state }) => state)).toEqual(['serving', 'serving'])
  }, 120_000)

  it('fault 33: kill -9 of a worker loses no record, releases what it held at once, and another one takes its place', async () => {
    const key = await newKey('parallel')
    const begun = new Set<number>()
    const held = Array.from({ length: 4 }, (_, place) =>
      send(key, stalledModel, true, 'parallel', () => void begun.add(place)),
    )
    // One that is killed when its place is held and its intent not yet written leaves no record, and has asked nobody.
    await until('all of them have begun', async () => begun.size === 4 && (await counted()).running === 4)
    expect((await send(key, 'sim-1', false, 'parallel')).status).toBe(429)
    const { items } = (await admin('GET', '/api/providers')) as { items: Providers }
    expect(named('sim', items).targets.find(({ model }) => model === stalledModel)?.running).toBe(4)
    await killEach()
    expect((await Promise.all(held)).filter(({ isFinished }) => isFinished)).toHaveLength(0)
    const again = await Promise.all(Array.from({ length: 4 }, () => send(key, 'sim-1?tokens=3', false, 'parallel')))
    expect(again.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect((await counted()).deaths).toBe(2)
  })

  it('workers that take the place of killed ones ask neither a target that rests nor one whose credential was refused', async () => {
    const key = await newKey('sick')
    const sickCalls = () => provider.log.entries().filter(({ modelName }) => sickModels.has(modelName)).length
    for (const alias of ['refused', 'resting']) expect((await send(key, 'sim-1', false, alias)).attempts).toBe(2)
    await until('the primary knows of both', async () => {
      const { items } = (await admin('GET', '/api/providers')) as { items: Providers }
      return (
        named('refusing', items).credentials.some(({ isResting }) => isResting) &&
        named('limiting', items).targets.some(({ state }) => state === 'resting')
      )
    })
    await killEach()
    const askedBefore = sickCalls()
    for (const alias of ['refused', 'resting'])
      expect((await callMany(key, 40, 1, `${alias}/sim-1`)).statuses).toEqual({ 200: 40 })
    expect(sickCalls()).toBe(askedBefore)
  })

  it('workers that start later serve by what the primary read, whatever became of the files since', async () => {
    const key = weir.firstKey ?? ''
    const before = await send(key, 'sim-1?tokens=3', false)
    writePrices('second', '100')
    for (const name of [join(dir, 'secret'), join(home.dataDir, 'pepper')]) rmSync(name)
    writeConfig(home, `${config()}\nunknown: 1`, drainMs, 2)
    // A change of the prices file may have begun one before; this one has seen all of it.
    await expect(admin('POST', '/api/config/reload')).rejects.toThrow('unknown')
    await killEach()
    const { statuses, versions } = await callMany(key, 8, 2)
    expect(statuses).toEqual({ 200: 16 })
    expect(new Set(versions)).toEqual(new Set([before.configVersion]))
    expect(new Set(await Promise.all(seen.slice(-16).map(priceVersionOf)))).toEqual(
      new Set([await priceVersionOf(before)]),
    )
    expect(existsSync(join(home.dataDir, 'pepper'))).toBe(false)
    writePrices('first', '1')
    writeFileSync(join(dir, 'secret'), 'sk-1', { mode: 0o600 })
    writeConfig(home, config(), drainMs, 2)
    await admin('POST', '/api/config/reload')
  })

  it('a client that connects while no worker is alive waits for the next one, and is served', async () => {
    for (const { pid } of await workers()) process.kill(pid, 'SIGKILL')
    // What was open has died with them.
    const fresh = new http.Agent()
    const key = weir.firstKey ?? ''
    const late = await sendCall(chatCall('sim/sim-1?tokens=3', false), { origin: weir.origin, key, agent: fresh })
    seen.push(late)
    expect(late).toMatchObject({ status: 200, isFinished: true })
    await until('two serve', async () => (await workers()).filter(({ state }) => state === 'serving').length === 2)
  })

  it('fault 31: SIGTERM ends all of it in order, and the books agree with what was served', async () => {
    const streams = Array.from({ length: 10 }, () => send(weir.firstKey ?? '', 'sim-1?tokens=50&token_ms=10', true))
    await until('the streams run', async () => (await counted()).running === 10)
    expect(await weir.end('SIGTERM')).toEqual({ code: 0, signal: null })
    expect((await Promise.all(streams)).filter(({ isFinished }) => isFinished)).toHaveLength(10)
    const left = readStore(home.dataDir)
    expect(left).toMatchObject({ integrity: 'ok', spoolFiles: [] })
    expect(compare(seen, readLog(logFile), left.records)).toEqual([])
    expect(left.records.filter(({ status }) => status === 'unknown')).toHaveLength(4)
  })
})

/** Of the model that most calls are for. */
function writePrices(version: string, rate: string): void {
  const rows = `prices: { sim: { '*': { input: '${rate}', output: '${rate}' } } }`
  writeFileSync(join(dir, 'prices.yaml'), `version: ${version}\ncheckedAt: 2026-11-01\n${rows}\n`)
}

async function priceVersionOf({ requestId }: Seen): Promise<unknown> {
  const { records } = (await admin('GET', `/api/exchanges/${requestId}`)) as { records: { priceVersion: unknown }[] }
  return records[0]?.priceVersion
}

function config(): string {
  return `prices: file:prices.yaml
providers:
  other: { kind: openai, credentials: { apiKey: file:secret } }
  sim: { kind: simulated, baseUrl: "${provider.origin}" }
  refusing: { kind: simulated, baseUrl: "${provider.origin}" }
  limiting: { kind: simulated, baseUrl: "${provider.origin}" }
models:
  sim/*: { targets: [{ provider: sim, model: '*' }] }
  stalled: { targets: [{ provider: sim, model: '${stalledModel}' }] }
  limited: { targets: [{ provider: sim, model: sim-1 }], limits: { all: { requests: ${limit}, per: hour } } }
  parallel/*: { targets: [{ provider: sim, model: '*' }], limits: { all: { concurrent: 4 } } }
  refused/*: { targets: [{ provider: refusing, model: '${refusedModel}' }, { provider: sim, model: '*' }] }
  resting/*: { targets: [{ provider: limiting, model: '${restingModel}' }, { provider: sim, model: '*' }] }`
}

const stalledModel = 'sim-1?tokens=3&stall_after=2'
/** For five minutes, and for an hour. */
const refusedModel = 'sim-1?status=401'
const restingModel = 'sim-1?status=503&retry_after=3600'
const sickModels: ReadonlySet<string> = new Set([refusedModel, restingModel])

type Providers = readonly {
  readonly name: string
  readonly targets: readonly { readonly model: string; readonly state: string; readonly running: number }[]
  readonly credentials: readonly { readonly isResting: boolean }[]
  readonly health: { readonly failures: number }
}[]

function named(name: string, providers: Providers): Providers[number] {
  const found = providers.find((one) => one.name === name)
  if (found === undefined) throw new Error(`there is no provider "${name}"`)
  return found
}

async function admin(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const answer = await fetch(`${weir.adminOrigin}${path}`, {
    method,
    headers: { authorization: `Bearer ${weir.adminKey}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as Record<string, unknown>
}

/** Those that clients may have come to. */
async function workers(): Promise<readonly WorkerBody[]> {
  return (await processes()).filter(({ state }) => state !== 'starting' && state !== 'spare')
}

async function processes(): Promise<readonly WorkerBody[]> {
  return workerList.parse(await admin('GET', '/api/workers')).items
}

type WorkerBody = WorkerList['items'][number]

/** Kills one after the other, each when the one before it has a successor that serves. */
async function killEach(): Promise<void> {
  for (const { pid } of await workers()) {
    process.kill(pid, 'SIGKILL')
    await until('another one serves', async () => {
      const now = await workers()
      return now.length === 2 && now.every((one) => one.pid !== pid && one.state === 'serving')
    })
  }
}

async function newKeyAndId(name: string): Promise<{ readonly key: string; readonly id: string }> {
  const { key, id } = await admin('POST', '/api/keys', { name, organisation: 'default' })
  return { key: String(key), id: String(id) }
}

async function newKey(name: string): Promise<string> {
  return (await newKeyAndId(name)).key
}

async function counted(): Promise<{ readonly exchanges: number; readonly running: number; readonly deaths: number }> {
  const text = await (await fetch(`${weir.adminOrigin}/metrics`)).text()
  const sum = (name: string) =>
    [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\d+)$`, 'gm'))].reduce(
      (total, [, value]) => total + Number(value),
      0,
    )
  return {
    exchanges: sum('weir_exchanges_total'),
    running: sum('weir_exchanges_running'),
    deaths: sum('weir_worker_deaths_total'),
  }
}

async function send(
  key: string,
  modelName: string,
  isStream: boolean,
  prefix = 'sim',
  onPiece?: () => void,
): Promise<Seen> {
  const call = chatCall(`${prefix}/${modelName}`, isStream)
  const one = await sendCall(call, { origin: weir.origin, key, agent }, onPiece)
  seen.push(one)
  return one
}

/** Asks again and again, with a pause that leaves the machine to those who are asked. */
async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const beganMs = performance.now()
  while (!(await isSo())) {
    if (performance.now() - beganMs > untilMs) throw new Error(`waited ${untilMs} ms until ${what}`)
    await new Promise((resolve) => void setTimeout(resolve, 50))
  }
}

/** Two workers start and two drain, one after the other, perhaps on a busy machine. */
const untilMs = 100_000

/** So many clients, each with so many calls one after the other on its own connection. */
async function callMany(key: string, clients: number, callsEach: number, model = 'sim/sim-1?tokens=3') {
  const statuses: Record<number, number> = {}
  const versions: (string | undefined)[] = []
  await Promise.all(
    Array.from({ length: clients }, async () => {
      for (let call = 0; call < callsEach; call += 1) {
        const one = await sendCall(chatCall(model, false), { origin: weir.origin, key, agent })
        seen.push(one)
        statuses[one.status] = (statuses[one.status] ?? 0) + 1
        versions.push(one.configVersion)
      }
    }),
  )
  return { statuses, versions }
}

/** Clients that call and call, each on its own connection. */
function startCalls(key: string, clients: number) {
  const state = { isStopped: false }
  const statuses: Record<number, number> = {}
  const running = Array.from({ length: clients }, async () => {
    while (!state.isStopped) {
      const { status } = await send(key, 'sim-1?tokens=3', false)
      statuses[status] = (statuses[status] ?? 0) + 1
    }
  })
  return {
    stop: async () => {
      state.isStopped = true
      await Promise.all(running)
      return { statuses }
    },
  }
}
