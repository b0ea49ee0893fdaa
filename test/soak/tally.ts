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

/**
 * A call counts as one of a killed worker when it was due before the kill was over, and broke within this time after it: it
 * was under way, or left on a connection that was just dying. On a machine that has no time for it, a client hears late that
 * its connection is gone.
 */
const killShadowMs = 10_000

/** @param kills when workers were killed, monotonic. */
export function tallyOf(called: readonly Called[], kills: readonly number[]): Tally {
  const unfinished = called.filter(({ isFinished }) => !isFinished)
  const shed = unfinished.filter(isShed)
  const broken = unfinished.filter((one) => !isShed(one))
  const isOfKill = ({ dueMs, endedMs }: Called) =>
    kills.some((killMs) => dueMs <= killMs + dyingMs && endedMs >= killMs && endedMs <= killMs + killShadowMs)
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

/** A client notices within this time that its idle connection has died; what it sends meanwhile is lost with it. */
const dyingMs = 200

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
