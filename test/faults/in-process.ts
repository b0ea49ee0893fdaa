import { setImmediate as nextTurn } from 'node:timers/promises'
import { startGateway } from '../gateway-fixture.ts'
import { seededRandom } from '../replay-upstream.ts'
import { turnedClock } from '../turned-clock.ts'
import type { House } from './house.ts'
import { configFor, openSurroundings } from './surroundings.ts'

/** Turns of the event loop that bytes on loopback get before time goes on. */
const turnsPerStep = 25

/** Longer than every limit of the gateway under test, over all attempts. */
const longestWaitMs = 3_600_000

/** A gateway in this process: no pause is real. */
export async function openInProcess(seed: number, { splits = false } = {}): Promise<House> {
  const clock = turnedClock()
  const random = seededRandom(seed)
  const around = await openSurroundings(clock, splits ? random : undefined)
  const weir = await startGateway({
    clock,
    random,
    env: { FAULTS_KEY: 'faults-secret-0001' },
    config: configFor(around, (limitMs) => limitMs),
  })
  const settle = async () => {
    for (let turn = 0; turn < turnsPerStep; turn += 1) await nextTurn()
  }
  return {
    kind: 'in-process',
    around,
    origin: weir.gateway.dataOrigin,
    adminOrigin: weir.gateway.adminOrigin,
    key: weir.key,
    adminKey: weir.adminKey,
    configFile: weir.configFile,
    clock,
    elapse: async (delayMs) => {
      await settle()
      clock.turn(delayMs)
      await settle()
    },
    elapseUntil: async (come, stepMs) => {
      let isOver = false
      const watched = come.finally(() => (isOver = true))
      watched.catch(() => undefined)
      const untilMs = clock.monotonicMs() + longestWaitMs
      for (;;) {
        for (let turn = 0; turn < turnsPerStep; turn += 1) {
          if (isOver) return watched
          await nextTurn()
        }
        if (clock.monotonicMs() > untilMs) throw new Error(`it has not come about in ${longestWaitMs} ms`)
        clock.turn(stepMs)
      }
    },
    logged: weir.logged,
    moment: nextTurn,
    close: async () => {
      await weir.close()
      await around.close()
      return { records: weir.finished.flatMap(({ records }) => records), served: around.provider.log.entries() }
    },
  }
}
