import { describeDeath, type Death } from './crash-points.ts'
import type { GatewayProcess } from './gateway-process.ts'
import { startLoad } from './load.ts'
import { within } from './node-process.ts'
import type { Seen } from './send.ts'

/** Calls that finish before the kill, at least and at most: the moment is a place in the work, not in time. */
const killAfterCalls = { least: 10, most: 400 } as const
/** Where the machine is slow, the kill comes after this time of load all the same. */
const longestLoadMs = 1500
/** So that a kill does not always meet the moment at which a call has just finished. */
const jitterMs = 15

export interface Killed {
  /** All that the clients saw of this life. */
  readonly seen: readonly Seen[]
  readonly finished: number
  readonly afterMs: number
  /** In words. */
  readonly diedHow: string
}

/** Has clients call a gateway until it is dead, as it was drawn or, where it does not come to that, by our hand. */
export async function killUnderLoad(
  gateway: GatewayProcess,
  death: Death,
  key: string,
  random: () => number,
): Promise<Killed> {
  const startedMs = performance.now()
  const load = startLoad(gateway.origin, key, random)
  const target = killAfterCalls.least + Math.floor(random() ** 2 * (killAfterCalls.most - killAfterCalls.least))
  const isDue = death.kind === 'random' ? load.whenFinished(target) : gateway.process.ended
  await Promise.race([isDue, pause(longestLoadMs), gateway.process.ended])
  if (death.kind === 'random') await pause(random() * jitterMs)
  const diedAsAsked = death.kind !== 'random' && gateway.process.killedBy === 'SIGKILL'
  if (gateway.process.hasEnded && !diedAsAsked)
    throw new Error(`the gateway ended by itself: ${gateway.process.said()}`)
  load.stop()
  gateway.process.signal('SIGKILL')
  const afterMs = performance.now() - startedMs
  await within('the gateway to be dead', () => gateway.process.ended)
  const diedHow = describeDeath(diedAsAsked ? death : { kind: 'random' })
  return { seen: await load.seen(), finished: load.finished, afterMs, diedHow }
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, delayMs))
}
