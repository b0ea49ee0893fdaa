import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pick, randomFrom } from '../../src/providers/simulated/seeded.ts'
import { compare, type Mismatch } from '../crash/compare.ts'
import {
  makeHome,
  startGatewayProcess,
  writeConfig,
  type GatewayHome,
  type GatewayProcess,
} from '../crash/gateway-process.ts'
import { endAll } from '../crash/node-process.ts'
import { startProviderProcess } from '../crash/provider-process.ts'
import { loggedProblems } from '../crash/read-log.ts'
import { readStore } from '../crash/read-store.ts'
import type { Seen } from '../crash/send.ts'
import { goFirst } from './go-first.ts'
import { growthOf, residentMb, type MemorySample } from './memory.ts'
import { measureCapacity, startOpenLoop, type Called } from './open-loop.ts'
import { tallyOf, type Kill, type Tally } from './tally.ts'

export interface SoakSettings {
  /** At 70 % of what passed when it was measured. */
  readonly minutes: number
  /** At 150 % of it. */
  readonly overloadMinutes: number
  readonly killEveryMs: number
  readonly workers: number
  readonly seed: number
  readonly mainFile?: string
  readonly keep?: boolean
  readonly tell: (line: string) => void
}

export interface SoakOutcome {
  readonly capacityPerSecond: number
  readonly calm: Tally
  /** `undefined`: no time was given to it. */
  readonly steady: Tally | undefined
  readonly overload: Tally | undefined
  readonly kills: readonly Kill[]
  readonly reloads: number
  readonly memory: { readonly earlyMb: number; readonly lateMb: number; readonly mostMb: number }
  readonly records: number
  readonly unknown: number
  readonly mismatches: readonly Mismatch[]
  readonly integrity: string
}

/** How often things happen to the gateway while it serves. */
const reloadEveryMs = 5_000
const progressEveryMs = 10_000
const memoryEveryMs = 2_000
/** The measurements before: long enough for a stable figure, also in a short run. */
const capacityMs = 8_000
const calmMs = 8_000
/** Shedding as it is by default: what the gateway refuses before it is in trouble is part of what is measured. */
const server = 'shed: {}'
const shares = { calm: 0.2, steady: 0.7, overload: 1.5 } as const
const drainMs = 10_000
/** With one, a provider that is short of time lets connections of the gateway wait for seconds, and that is what would be measured. */
const providerSockets = 16

/**
 * Loads a gateway of several workers while its config is reloaded and its workers are killed, and holds what clients saw
 * and what the provider served against its books.
 */
export async function runSoak(settings: SoakSettings): Promise<SoakOutcome> {
  const dir = mkdtempSync(join(tmpdir(), 'weir-soak-'))
  try {
    return await runIn(dir, settings)
  } finally {
    endAll()
    if (settings.keep === true) settings.tell(`kept: ${dir}`)
    else rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  }
}

async function runIn(dir: string, settings: SoakSettings): Promise<SoakOutcome> {
  const { workers, seed, tell } = settings
  const random = randomFrom(seed)
  const provider = await startProviderProcess(dir, seed, providerSockets)
  const config = configFor(provider.origin)
  const home = makeHome(dir, config, {
    drainMs,
    workers,
    server,
    ...(settings.mainFile ? { mainFile: settings.mainFile } : {}),
  })
  const gateway = await startGatewayProcess(home)
  // Not before the gateway is there: it would have it from this process.
  const worldGoesFirst = [provider.pid, process.pid].every(goFirst)
  tell(
    worldGoesFirst
      ? 'clients and provider go first'
      : 'clients and provider share the cores with the gateway as equals',
  )
  const key = gateway.firstKey ?? ''
  const all: Seen[] = []
  const memory: MemorySample[] = []
  const to = { origin: gateway.origin, key, random }

  const warm = await measureCapacity(to, capacityMs / 4)
  const measured = await measureCapacity(to, capacityMs)
  all.push(...warm.seen, ...measured.seen)
  const { perSecond } = measured
  tell(`capacity ${perSecond.toFixed(0)} calls/s`)

  const trouble = openTrouble(gateway, home, config, settings, random)
  const troubled = async (name: keyof typeof shares, minutes: number): Promise<Tally | undefined> =>
    minutes > 0 ? part(name, minutes * 60_000, true) : undefined
  const part = async (name: keyof typeof shares, forMs: number, isTroubled: boolean): Promise<Tally> => {
    const called: Called[] = []
    const loop = startOpenLoop({ ...to, perSecond: perSecond * shares[name], onCalled: (one) => void called.push(one) })
    const stopTrouble = isTroubled ? trouble.begin() : async () => {}
    const sampling = setInterval(() => void sample(gateway).then((one) => one && memory.push(one)), memoryEveryMs)
    const beganMs = performance.now()
    const telling = setInterval(() => {
      const { finished, shed, killed, dropped, p99Ms } = tallyOf(called, trouble.kills)
      const last = memory.at(-1)
      tell(
        `${name} ${Math.round((performance.now() - beganMs) / 1000)} s: ${finished} finished, ${shed} shed, ${loop.skipped} not sent, ` +
          `${killed} on killed workers, ${dropped.length} dropped; p99 ${p99Ms.toFixed(0)} ms; ` +
          `memory ${last?.primaryMb} MB and ${last?.workersMb.join(', ')} MB`,
      )
    }, progressEveryMs)
    await pause(forMs)
    clearInterval(telling)
    await stopTrouble()
    await loop.stop()
    clearInterval(sampling)
    // One by one: a spread of hundreds of thousands does not fit the stack.
    for (const one of called) all.push(one)
    const tally = tallyOf(called, trouble.kills)
    tell(`${name}: ${tally.finished} finished, p50 ${tally.p50Ms.toFixed(1)} ms, p99 ${tally.p99Ms.toFixed(1)} ms`)
    return tally
  }
  const calm = await part('calm', calmMs, false)
  memory.length = 0
  const steady = await troubled('steady', settings.minutes)
  const growth = growthOf(memory)
  const overload = await troubled('overload', settings.overloadMinutes)

  const { code } = await gateway.end('SIGTERM')
  if (code !== 0) throw new Error(`the gateway ended with code ${code} after SIGTERM: ${gateway.process.said()}`)
  const served = await provider.close()
  const left = readStore(home.dataDir)
  return {
    capacityPerSecond: perSecond,
    calm,
    steady,
    overload,
    kills: trouble.kills,
    reloads: trouble.reloads,
    memory: { ...growth, mostMb: Math.max(0, ...memory.map(({ primaryMb }) => primaryMb)) },
    records: left.records.length,
    unknown: left.records.filter(({ status }) => status === 'unknown').length,
    mismatches: [
      ...compare(all, served, left.records),
      ...left.spoolFiles.map((name): Mismatch => ({ kind: 'wrong', at: name, why: 'it is left in the spool' })),
      ...loggedProblems(home.logFile, [/"msg":"a worker died"/]),
    ],
    integrity: left.integrity,
  }
}

interface Trouble {
  readonly kills: readonly Kill[]
  readonly reloads: number
  /** @returns what ends it; resolves when the gateway has as many workers as before. */
  begin(): () => Promise<void>
}

function openTrouble(
  gateway: GatewayProcess,
  home: GatewayHome,
  config: string,
  { workers, killEveryMs, tell }: SoakSettings,
  random: () => number,
): Trouble {
  const kills: Kill[] = []
  let reloads = 0
  const reload = (): void => {
    reloads += 1
    writeConfig(home, `${config}\n# ${reloads}`, drainMs, workers, server)
    gateway.process.signal('SIGHUP')
  }
  const killOne = async (): Promise<void> => {
    const [first, ...rest] = await workersOf(gateway)
    // Where the last one has no successor yet, its turn is over: a gateway without any worker can only refuse.
    if (first === undefined || rest.length + 1 < workers)
      return tell('no worker killed: the last one has no successor yet')
    const pid = pick([first, ...rest], random)
    const place = kills.length
    const killedMs = performance.now()
    kills.push({ killedMs, goneMs: Infinity })
    process.kill(pid, 'SIGKILL')
    while (existsSync(`/proc/${pid}`)) await pause(5)
    // By the end of the next turn every connection that died with it has been heard of.
    for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => void setImmediate(resolve))
    kills[place] = { killedMs, goneMs: performance.now() }
  }
  return {
    kills,
    get reloads() {
      return reloads
    },
    begin: () => {
      const reloading = setInterval(reload, reloadEveryMs)
      const killing = workers > 1 ? setInterval(() => void killOne(), killEveryMs) : undefined
      return async () => {
        clearInterval(reloading)
        clearInterval(killing)
        if (workers > 1) await untilServing(gateway, workers)
      }
    },
  }
}

async function untilServing(gateway: GatewayProcess, workers: number): Promise<void> {
  while ((await workersOf(gateway)).length < workers) await pause(100)
}

/** The pids of the workers that serve. */
async function workersOf(gateway: GatewayProcess): Promise<readonly number[]> {
  const answer = await fetch(`${gateway.adminOrigin}/api/workers`, {
    headers: { authorization: `Bearer ${gateway.adminKey}` },
  })
  const { items } = (await answer.json()) as {
    readonly items: readonly { readonly pid: number; readonly state: string }[]
  }
  return items.filter(({ state }) => state === 'serving').map(({ pid }) => pid)
}

async function sample(gateway: GatewayProcess): Promise<MemorySample | undefined> {
  const primaryMb = residentMb(gateway.process.pid)
  if (primaryMb === undefined) return undefined
  const workersMb = (await workersOf(gateway)).map(residentMb).filter((mb) => mb !== undefined)
  return { atMs: performance.now(), primaryMb, workersMb }
}

function configFor(providerOrigin: string): string {
  return `providers: { sim: { kind: simulated, baseUrl: "${providerOrigin}" } }
models:
  sim/*: { targets: [{ provider: sim, model: '*' }] }`
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, delayMs))
}
