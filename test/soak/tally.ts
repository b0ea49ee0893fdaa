import type { Called } from './open-loop.ts'

/** What became of the calls of one part of a run. */
export interface Tally {
  readonly finished: number
  /** Refused before anything was done: the gateway said that it cannot now. */
  readonly shed: number
  /** Broken off, or never answered, while a worker was killed. */
  readonly killed: number
  /** Everything else that did not finish: dropped by us. */
  readonly dropped: readonly Called[]
  /** Of whole answers, from the moment they were due; of streams, their first piece. */
  readonly p50Ms: number
  readonly p99Ms: number
}

/** One killed worker, in the monotonic time of this process. */
export interface Kill {
  readonly killedMs: number
  /** Its process was gone, and this one had heard so of every connection. Until then: `Infinity`. */
  readonly goneMs: number
}

export function tallyOf(called: readonly Called[], kills: readonly Kill[]): Tally {
  const unfinished = called.filter(({ isFinished }) => !isFinished)
  const shed = unfinished.filter(isShed)
  const broken = unfinished.filter((one) => !isShed(one))
  const isOfKill = (one: Called) => kills.some((kill) => isBrokenBy(kill, one))
  const latencies = called
    .filter(({ isFinished }) => isFinished)
    .map(
      ({ kind, dueMs, firstPieceMs, endedMs }) =>
        (kind === 'chat-stream' ? (firstPieceMs ?? endedMs) : endedMs) - dueMs,
    )
    .toSorted((one, other) => one - other)
  return {
    finished: latencies.length,
    shed: shed.length,
    killed: broken.filter(isOfKill).length,
    dropped: broken.filter((one) => !isOfKill(one)),
    p50Ms: at(latencies, 0.5),
    p99Ms: at(latencies, 0.99),
  }
}

const sheddingCodes: ReadonlySet<string> = new Set(['overloaded', 'rate_limited', 'concurrency_limited'])
const isShed = ({ problemCode }: Called): boolean => problemCode !== undefined && sheddingCodes.has(problemCode)

/**
 * Whether a call can have been under way on the killed worker: its connection broke (what a gateway says, it says alive), it was
 * due before the process was gone, and it broke when it was killed or thereafter. A dying process takes its time: the system
 * accepts what is sent to it until it comes to its sockets.
 */
function isBrokenBy({ killedMs, goneMs }: Kill, { broke, problemCode, dueMs, endedMs }: Called): boolean {
  const isOfConnection = problemCode === undefined && broke !== undefined && broke !== 'ECONNREFUSED'
  return isOfConnection && dueMs <= goneMs && endedMs >= killedMs && endedMs <= goneMs + hearingMs
}

/** What was sent just before its connection was known to be dead is told to be lost within this time. */
const hearingMs = 1_000

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
