import http from 'node:http'
import { chatCall, type ClientCall } from '../crash/calls.ts'
import { sendCall, type Seen } from '../crash/send.ts'

/** Calls that wait for an answer at once, at most. A client that has more than this is no client. */
export const outstandingLimit = 2_000
/** Of a hundred calls, so many are streams. */
const streamShare = 40

export interface Called extends Seen {
  /** Monotonic: when it was due, whether or not it could leave then. */
  readonly dueMs: number
  readonly firstPieceMs: number | undefined
  readonly endedMs: number
}

/** Clients that call at a rate, whatever becomes of their calls. */
export interface OpenLoop {
  /** Calls that could not leave because too many were under way. */
  readonly skipped: number
  readonly outstanding: number
  /** No further calls. Resolves when the last one is over. */
  stop(): Promise<void>
}

export interface OpenLoopSettings {
  readonly origin: string
  readonly key: string
  readonly perSecond: number
  readonly random: () => number
  readonly onCalled: (called: Called) => void
}

/** How often due calls are looked for. */
const tickMs = 5

export function startOpenLoop(settings: OpenLoopSettings): OpenLoop {
  const { origin, key, perSecond, random, onCalled } = settings
  const agent = new http.Agent({ keepAlive: true, maxFreeSockets: outstandingLimit })
  const beganMs = performance.now()
  const state = { due: 0, skipped: 0, outstanding: 0 }
  const running = new Set<Promise<void>>()
  const callOnce = async (dueMs: number): Promise<void> => {
    let firstPieceMs: number | undefined
    const seen = await sendCall(
      drawSoakCall(random),
      { origin, key, agent },
      () => (firstPieceMs ??= performance.now()),
    )
    onCalled({ ...seen, dueMs, firstPieceMs, endedMs: performance.now() })
  }
  const tick = (): void => {
    const nowMs = performance.now()
    for (; beganMs + (state.due / perSecond) * 1000 <= nowMs; state.due += 1) {
      if (state.outstanding >= outstandingLimit) {
        state.skipped += 1
        continue
      }
      state.outstanding += 1
      const call = callOnce(beganMs + (state.due / perSecond) * 1000).finally(() => {
        state.outstanding -= 1
        running.delete(call)
      })
      running.add(call)
    }
  }
  const ticking = setInterval(tick, tickMs)
  return {
    get skipped() {
      return state.skipped
    },
    get outstanding() {
      return state.outstanding
    },
    stop: async () => {
      clearInterval(ticking)
      await Promise.all(running)
      agent.destroy()
    },
  }
}

/** How many calls a second pass when a fixed number of clients call as fast as they are answered. */
export async function measureCapacity(
  { origin, key, random }: Pick<OpenLoopSettings, 'origin' | 'key' | 'random'>,
  forMs: number,
): Promise<{ readonly perSecond: number; readonly seen: readonly Seen[] }> {
  const agent = new http.Agent({ keepAlive: true })
  const seen: Seen[] = []
  const beganMs = performance.now()
  const client = async (): Promise<void> => {
    while (performance.now() - beganMs < forMs) seen.push(await sendCall(drawSoakCall(random), { origin, key, agent }))
  }
  await Promise.all(Array.from({ length: capacityClients }, client))
  const tookMs = performance.now() - beganMs
  agent.destroy()
  return { perSecond: (seen.length / tookMs) * 1000, seen }
}

/** Enough to keep two cores busy although most of a stream's time is spent waiting for its next piece. */
const capacityClients = 64

/** Whole answers and streams, short and longer; an answer of forty pieces takes a fifth of a second. */
function drawSoakCall(random: () => number): ClientCall {
  const isStream = random() * 100 < streamShare
  const tokens = 1 + Math.floor(random() * 40)
  return chatCall(`sim/sim-1?tokens=${tokens}${isStream ? '&token_ms=5' : ''}`, isStream)
}
