import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomFrom } from '../../src/providers/simulated/seeded.ts'
import { modelsConfig } from './calls.ts'
import { compare, type Mismatch } from './compare.ts'
import { makeHome, startGatewayProcess, type GatewayHome, type GatewayProcess } from './gateway-process.ts'
import { drawDeath, drawDeathInRecovery, type Death } from './crash-points.ts'
import { killUnderLoad } from './kill-under-load.ts'
import { killWhileOpening } from './kill-while-opening.ts'
import { EndedEarly, endAll } from './node-process.ts'
import { startProviderProcess } from './provider-process.ts'
import { loggedProblems } from './read-log.ts'
import { budgetCaps, budgetsConfig, overshootIn } from './budgets.ts'
import { integrityAfterKill, readStore } from './read-store.ts'
import type { Seen } from './send.ts'

export interface CrashSettings {
  readonly loops: number
  readonly seed: number
  /** Told of each loop as it ends, in one line. */
  readonly tell: (line: string) => void
  /** The gateway's script; the one in `src` by default. */
  readonly mainFile?: string
  /** Worker processes of the gateway; one process does everything by default. */
  readonly workers?: number
  /** Leaves the folder with its logs and its database behind, and tells where. */
  readonly keep?: boolean
}

export interface CrashOutcome {
  readonly loops: number
  readonly kills: number
  /** Kills that left a recovery half done. */
  readonly killsMidRecovery: number
  /** Calls that a client saw finish. */
  readonly finished: number
  readonly calls: number
  readonly records: number
  /** Records of attempts whose end nobody knows: the gateway was killed under them. */
  readonly unknown: number
  /** Accounts of budgets in which something was posted. */
  readonly accounts: number
  /** Calls that a budget refused. */
  readonly refusedByBudget: number
  /** By how much the accounts are over their caps, in their units together (I1). */
  readonly overshoot: bigint
  readonly mismatches: readonly Mismatch[]
  /** `ok`, after every kill and at the end; else what SQLite found first. */
  readonly integrity: string
  readonly seed: number
}

/** Every third loop, the recovery is killed so often before it may end (failures.md D3 34). */
const recoveryKills = { everyLoops: 3, deep: 3 } as const

/** Kills a gateway under load again and again, then holds its books against what was really served. */
export async function runCrashLoops(settings: CrashSettings): Promise<CrashOutcome> {
  const dir = mkdtempSync(join(tmpdir(), 'weir-crash-'))
  const tidy = () => {
    // What was just killed may not be quite dead, and write once more.
    if (settings.keep !== true) rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  }
  process.once('exit', tidy)
  try {
    return await runIn(dir, settings)
  } finally {
    endAll()
    process.off('exit', tidy)
    if (settings.keep === true) settings.tell(`kept: ${dir}`)
    tidy()
  }
}

async function runIn(dir: string, settings: CrashSettings): Promise<CrashOutcome> {
  const { loops, seed, tell } = settings
  const random = randomFrom(seed)
  const provider = await startProviderProcess(dir, seed)
  const { mainFile, workers = 1 } = settings
  const home = makeHome(dir, configFor(provider.origin), { workers, ...(mainFile ? { mainFile } : {}) })
  const seen: Seen[] = []
  const integrity: string[] = []
  const count = { kills: 0, killsMidRecovery: 0 }
  // The first start shows the keys; it is not killed.
  let death: Death = { kind: 'random' }
  let gateway = await startGatewayProcess(home)
  const key = gateway.firstKey
  if (key === undefined) throw new Error('the first start showed no key')
  for (let loop = 1; loop <= loops; loop += 1) {
    const killed = await killUnderLoad(gateway, death, key, random)
    seen.push(...killed.seen)
    integrity.push(integrityAfterKill(home.dataDir))
    const deep = loop % recoveryKills.everyLoops === recoveryKills.everyLoops - 1 ? recoveryKills.deep : 0
    for (let depth = 0; depth < deep; depth += 1) {
      if (await killWhileOpening(home, drawDeathInRecovery(random), random)) count.killsMidRecovery += 1
      integrity.push(integrityAfterKill(home.dataDir))
    }
    count.kills += 1 + deep
    const again = await startAgain(home, loop < loops ? drawDeath(random) : { kind: 'random' })
    count.kills += again.kills
    death = again.death
    gateway = again.gateway
    if (gateway.firstKey !== undefined) throw new Error('a later start made another key')
    tell(
      `loop ${loop}/${loops}: ${killed.finished} calls finished, ${killed.seen.length - killed.finished} did not; ` +
        `killed ${killed.diedHow} after ${Math.round(killed.afterMs)} ms${deep > 0 ? `, and ${deep} times while recovering` : ''}; ` +
        `serving again after ${Math.round(gateway.readyMs)} ms`,
    )
  }
  const { code } = await gateway.end('SIGTERM')
  if (code !== 0) throw new Error(`the gateway ended with code ${code} after SIGTERM: ${gateway.process.said()}`)
  const served = await provider.close()
  const left = readStore(home.dataDir)
  integrity.push(left.integrity)
  return {
    loops,
    ...count,
    finished: seen.filter(({ isFinished }) => isFinished).length,
    calls: seen.length,
    records: left.records.length,
    unknown: left.records.filter(({ status }) => status === 'unknown').length,
    accounts: left.posted.size,
    refusedByBudget: left.records.filter(({ errorKind }) => errorKind === 'budget_exceeded').length,
    overshoot: overshootIn(left.posted, budgetCaps),
    mismatches: [
      ...compare(seen, served, left.records),
      ...left.spoolFiles.map((name): Mismatch => ({ kind: 'wrong', at: name, why: 'it is left in the spool' })),
      ...loggedProblems(home.logFile, [openedBreaker, ...(workers > 1 ? [deathOfWorker] : [])]),
    ],
    integrity: integrity.find((verdict) => verdict !== 'ok') ?? 'ok',
    seed,
  }
}

/** Some of the calls ask for targets that always fail. */
const openedBreaker = /circuit breaker is open/
/** Where the gateway has workers, most of the named moments are theirs: they die, and the gateway says so and goes on. */
const deathOfWorker = /"msg":"a worker died"/

/** A death that is meant for the serving may come while it opens already: that is one more death in a recovery. */
async function startAgain(
  home: GatewayHome,
  death: Death,
): Promise<{ readonly gateway: GatewayProcess; readonly death: Death; readonly kills: number }> {
  try {
    return { gateway: await startGatewayProcess(home, death), death, kills: 0 }
  } catch (thrown) {
    if (!(thrown instanceof EndedEarly) || thrown.killedBy !== 'SIGKILL') throw thrown
    return { gateway: await startGatewayProcess(home), death: { kind: 'random' }, kills: 1 }
  }
}

function configFor(providerOrigin: string): string {
  const prices = '{ "*": { input: "1", output: "4", cacheRead: "0.1", cacheWrite5m: "1.25" } }'
  return `providers:\n  sim: { kind: simulated, baseUrl: "${providerOrigin}", prices: ${prices} }\n${modelsConfig}\n${budgetsConfig}`
}
