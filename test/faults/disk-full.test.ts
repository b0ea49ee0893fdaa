import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { workerList, type WorkerList } from '../../src/admin/contract/worker.ts'
import { systemClock } from '../../src/canonical/clock.ts'
import { startSimulated, type SimulatedServer } from '../../src/providers/simulated/serve.ts'
import { spoolDirOf } from '../../src/stores/embedded/spool-segments.ts'
import type { ClientCall } from '../crash/calls.ts'
import { compare } from '../crash/compare.ts'
import { makeHome, startGatewayProcess, type GatewayProcess } from '../crash/gateway-process.ts'
import { within } from '../crash/node-process.ts'
import { readStore, spoolFilesIn } from '../crash/read-store.ts'
import { sendCall, type Seen } from '../crash/send.ts'
import { openFaultProxy, type FaultProxy } from './proxy.ts'

/*
 * A whole gateway on a disk that is full: the system refuses every byte beyond a size of file, for the spool, the database
 * and the log alike, and then takes them again. The limit of a running process is set from outside, which only Linux can.
 */
const setsLimits = existsSync('/usr/bin/prlimit')

const agent = new http.Agent({ keepAlive: true })
let provider: SimulatedServer
let proxy: FaultProxy
let dir: string

beforeAll(async () => {
  provider = await startSimulated({ clock: systemClock, speed: 'instant' })
  proxy = await openFaultProxy({ to: provider.origin, clock: systemClock })
  dir = mkdtempSync(join(tmpdir(), 'weir-full-'))
})

afterAll(async () => {
  agent.destroy()
  await proxy[Symbol.asyncDispose]()
  await provider.close()
  rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
})

describe.runIf(setsLimits)('a disk that is full', () => {
  it('fault 28: spool, database and log: new calls are refused, what runs settles, and it recovers without a restart', async () => {
    const home = makeHome(
      dir,
      `providers: { sim: { kind: simulated, baseUrl: "${proxy.origin}" } }\n` +
        `models: { 'sim/*': { targets: [{ provider: sim, model: '*' }] } }`,
    )
    // Larger than the limit will be: every line of the log is refused too.
    writeFileSync(home.logFile, ' '.repeat(1024 * 1024))
    const weir = await startGatewayProcess(home)
    const to = { origin: weir.origin, key: weir.firstKey ?? '', agent }
    const seen: Seen[] = []
    const ask = async () => {
      const one = await sendCall(call(false), to)
      // A call that the disk refused was never sent; on a full disk its record is counted, and not kept.
      if (one.status !== 503) seen.push(one)
      return one.status
    }
    // So that the spool, and with it the limit, is large enough for the records that are still to be written.
    for (let place = 0; place < 60; place += 1) expect(await ask()).toBe(200)

    const refused = Promise.withResolvers<void>()
    proxy.nextCall({
      down: [
        { kind: 'pass-through', words: '"content":"' },
        { kind: 'hold', until: refused.promise },
      ],
    })
    const called = proxy.calls.length
    const running = sendCall(call(true), to)
    while (proxy.calls.length === called) await nextTurn()

    limitFiles(weir.process.pid, String(largestSpoolFile(home.dataDir)))
    await within('new calls to be refused', async () => {
      while ((await ask()) !== 503);
    })
    const refusal = await fetch(`${weir.origin}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${to.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(call(false).body),
    })
    expect([refusal.status, refusal.headers.get('retry-after')]).toEqual([503, '1'])
    expect(await refusal.json()).toMatchObject({ error: { code: 'store_unavailable' } })

    // What runs goes on to its end, and its record is safe before the client sees it.
    refused.resolve()
    const ended = await running
    seen.push(ended)
    expect(ended).toMatchObject({ isFinished: true, status: 200 })
    expect(weir.process.hasEnded).toBe(false)
    expect(weir.process.said()).toContain('weir: the log cannot be written (EFBIG)')

    limitFiles(weir.process.pid, 'unlimited')
    await within('new calls to be served again', async () => {
      while ((await ask()) !== 200);
    })
    for (let place = 0; place < 5; place += 1) expect(await ask()).toBe(200)

    expect(await weir.end('SIGTERM')).toEqual({ code: 0, signal: null })
    const left = readStore(home.dataDir)
    expect(compare(seen, provider.log.entries(), left.records)).toEqual([])
    expect(left).toMatchObject({ integrity: 'ok', spoolFiles: [] })
  })

  it('fault 28: under the log of worker processes, it costs their lines alone', async () => {
    const workersDir = join(dir, 'workers')
    mkdirSync(workersDir)
    const home = makeHome(
      workersDir,
      `providers: { sim: { kind: simulated, baseUrl: "${provider.origin}" } }\n` +
        `models: { 'sim/*': { targets: [{ provider: sim, model: '*' }] } }`,
      { workers: 2 },
    )
    writeFileSync(home.logFile, ' '.repeat(2 * spoolRoomBytes))
    const weir = await startGatewayProcess(home)
    const to = { origin: weir.origin, key: weir.firstKey ?? '', agent }
    const before = await workersOf(weir)
    for (const { pid } of before) limitFiles(pid, String(spoolRoomBytes))
    const told = () => weir.process.said().split('weir: the log cannot be written (EFBIG)').length - 1
    await within('both workers to lose a line', async () => {
      while (told() < 2) expect((await sendCall(call(false), { ...to, agent: new http.Agent() })).status).toBe(200)
    })
    expect((await sendCall(call(false), to)).status).toBe(200)
    expect(await workersOf(weir)).toEqual(before)
    expect(await weir.end('SIGTERM')).toEqual({ code: 0, signal: null })
  })
})

/** Far more than the records of this test take, and far less than its log has. */
const spoolRoomBytes = 1024 * 1024

async function workersOf(weir: GatewayProcess): Promise<WorkerList['items']> {
  const answer = await fetch(`${weir.adminOrigin}/api/workers`, {
    headers: { authorization: `Bearer ${weir.adminKey}` },
  })
  const { items } = workerList.parse(await answer.json())
  return items.filter(({ state }) => state === 'serving')
}

function call(isStream: boolean): ClientCall {
  return {
    kind: isStream ? 'chat-stream' : 'chat',
    path: '/v1/chat/completions',
    body: { model: 'sim/sim-1?tokens=12', messages: [{ role: 'user', content: 'Flow.' }], stream: isStream },
    ending: isStream ? 'data: [DONE]' : 'body',
    leaves: undefined,
    tellsUsage: true,
  }
}

function largestSpoolFile(dataDir: string): number {
  return Math.max(...spoolFilesIn(dataDir).map((name) => statSync(join(spoolDirOf(dataDir), name)).size))
}

/** No file of the process may grow beyond so many bytes. */
function limitFiles(pid: number | undefined, sizeBytes: string): void {
  const { status, stderr } = spawnSync('/usr/bin/prlimit', ['--pid', String(pid), `--fsize=${sizeBytes}:`])
  expect([status, String(stderr)]).toEqual([0, ''])
}
