import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock, type Clock } from '../../src/canonical/clock.ts'
import { makeHome, startGatewayProcess } from '../crash/gateway-process.ts'
import { readStore } from '../crash/read-store.ts'
import { seededRandom } from '../replay-upstream.ts'
import type { House } from './house.ts'
import { configFor, openSurroundings } from './surroundings.ts'

/** Limits of minutes become seconds. */
export const dividedBy = 60

/** A shorter limit would be reached by a machine that is busy. */
const shortestMs = 750

/** A gateway as an operator runs it, with real pauses. */
export async function openOwnProcess(seed: number): Promise<House> {
  const dir = mkdtempSync(join(tmpdir(), 'weir-faults-'))
  const around = await openSurroundings(dividedClock, seededRandom(seed))
  const home = makeHome(
    dir,
    configFor(around, (limitMs) => Math.max(shortestMs, Math.ceil(limitMs / dividedBy))),
    { env: { FAULTS_KEY: 'faults-secret-0001' } },
  )
  const weir = await startGatewayProcess(home)
  return {
    kind: 'own-process',
    around,
    origin: weir.origin,
    adminOrigin: weir.adminOrigin,
    key: weir.firstKey ?? '',
    adminKey: weir.adminKey ?? '',
    configFile: home.configFile,
    clock: dividedClock,
    elapse: (delayMs) => pause(delayMs / dividedBy),
    elapseUntil: (come) => come,
    logged: () => readFileSync(home.logFile, 'utf8'),
    moment: () => pause(2),
    close: async () => {
      await weir.end('SIGTERM')
      await around.close()
      const { records } = readStore(home.dataDir)
      rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
      return { records, served: around.provider.log.entries() }
    },
  }
}

const dividedClock: Clock = {
  nowMs: () => systemClock.nowMs(),
  monotonicMs: () => systemClock.monotonicMs() * dividedBy,
  after: (delayMs, then) => systemClock.after(delayMs / dividedBy, then),
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, delayMs))
}
