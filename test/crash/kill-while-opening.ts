import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { Death } from './crash-points.ts'
import { launchGateway, type GatewayHome } from './gateway-process.ts'
import { patienceMs, within, type NodeProcess } from './node-process.ts'
import { spoolFilesIn } from './read-store.ts'

/** From the store's lock to the kill, at most: about as long as opening takes. */
const openingMs = 120
/** From the first write of the recovery to the kill, at most: about as long as recovering takes. */
const recoveringMs = 3

/**
 * Starts a gateway that dies while it opens its store: at a step of the recovery, somewhere on the way, or just as it
 * writes down what the last one left behind.
 * @returns whether something is left to recover.
 */
export async function killWhileOpening(home: GatewayHome, death: Death, random: () => number): Promise<boolean> {
  const before = writtenAtMs(home.dataDir)
  const child = launchGateway(home, death)
  // Where there is nothing to recover it does not come to the step, and is killed when it serves.
  if (death.kind !== 'random') await Promise.race([child.ended, child.hears(/Weir is running|cannot start/)])
  else await untilOpening(home, child, before, random)
  if (child.hasEnded && child.killedBy !== 'SIGKILL') throw new Error(`the gateway ended by itself: ${child.said()}`)
  child.signal('SIGKILL')
  await within('the gateway to be dead', () => child.ended)
  return spoolFilesIn(home.dataDir).length > 0
}

async function untilOpening(
  home: GatewayHome,
  child: NodeProcess,
  before: number,
  random: () => number,
): Promise<void> {
  const isRecovering = () => writtenAtMs(home.dataDir) !== before || spoolFilesIn(home.dataDir).length === 0
  const isAnywhere = random() < 0.3
  await until('the store is opened', () => child.hasEnded || ownerOf(home.dataDir) === child.pid)
  if (!isAnywhere) await until('the store recovers', () => child.hasEnded || isRecovering())
  const killAtMs = performance.now() + random() * (isAnywhere ? openingMs : recoveringMs)
  await until('the kill is due', () => performance.now() >= killAtMs)
}

/** The store names the process that has it open. */
function ownerOf(dataDir: string): number {
  const path = join(dataDir, 'lock.pid')
  return existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0
}

/** When the database's log was written to last. */
function writtenAtMs(dataDir: string): number {
  return statSync(join(dataDir, 'weir.sqlite-wal'), { throwIfNoEntry: false })?.mtimeMs ?? 0
}

/** Looks again and again: the moment that is waited for is told by nobody, and is shorter than a timer's tick. */
async function until(what: string, isSo: () => boolean): Promise<void> {
  const giveUpAtMs = performance.now() + patienceMs
  while (!isSo()) {
    if (performance.now() > giveUpAtMs) throw new Error(`waited ${patienceMs} ms until ${what}`)
    await setImmediate()
  }
}
