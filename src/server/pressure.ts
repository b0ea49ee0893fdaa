/**
 * What the process looks like at one moment, beside what it may come to. Plain figures: probes read them, tests make them up.
 */
export interface Readings {
  /** Exchanges under way. */
  readonly exchanges: number
  /** Bytes of request bodies kept in memory. */
  readonly heldBodyBytes: number
  /** Of the memory there is: the heap's share of its limit, or the process's share of the machine's, whichever is larger. */
  readonly memoryShare: number
  /** How late the event loop is as a rule, in milliseconds. */
  readonly loopDelayMs: number
  /** Sockets and files. `undefined` where the system does not tell. */
  readonly openFiles: number | undefined
}

export interface PressureLimits {
  readonly maxExchanges: number
  readonly maxHeldBodyBytes: number
  readonly memoryShare: number
  readonly loopDelayMs: number
  /** What the system allows less the reserve. `undefined` where the system does not tell. */
  readonly openFiles: number | undefined
}

/** What there is none left of, for anyone. */
export type Shortage = 'exchanges' | 'bodies' | 'memory' | 'files'
/** Why a call is refused as `overloaded`. The word is the label of the metric. */
export type ShedReason = Shortage | 'loop' | 'organisation' | 'key'

/** Whether there is room for anyone at all, whoever asks. Looked at before a caller is even known. */
export function fullOf(readings: Readings, limits: PressureLimits): Shortage | undefined {
  // First, since it alone decides about connections too: the reserve is kept whatever else is short.
  if (readings.openFiles !== undefined && limits.openFiles !== undefined && readings.openFiles >= limits.openFiles)
    return 'files'
  if (readings.memoryShare >= limits.memoryShare) return 'memory'
  if (readings.exchanges >= limits.maxExchanges) return 'exchanges'
  if (readings.heldBodyBytes >= limits.maxHeldBodyBytes) return 'bodies'
  return undefined
}

/**
 * The share of new calls to refuse because the event loop is late: none up to the limit, all at twice the limit. Between them the
 * share grows, so that the load settles where the loop keeps up, instead of swinging between all and nothing.
 * @param hasFairShare whether the caller has its fair share already: such callers are refused in the first half of the
 * way, the others only in the second.
 */
export function lateShare(loopDelayMs: number, limitMs: number, hasFairShare: boolean): number {
  const way = loopDelayMs / limitMs - 1
  const share = hasFairShare ? 2 * way : 2 * way - 1
  return Math.min(1, Math.max(0, share))
}
