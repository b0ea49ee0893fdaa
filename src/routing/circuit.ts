/**
 * What is remembered of one subject that can fail: a target, a credential, or a credential at a target. Plain and
 * immutable, so that it can be compared, passed on and tested; every change is one of the functions below. Moments are the
 * monotonic milliseconds of the process that keeps it.
 */
export interface Circuit {
  readonly failuresInARow: number
  /**
   * Streams in a row that broke off after their first content. Counted apart: that others begin tells nothing of how they end,
   * and that old ones end well tells nothing of whether new ones begin.
   */
  readonly cutsInARow: number
  /** The window in progress and the one before it, so that the ratio has no edge at which it forgets everything. */
  readonly window: Window
  readonly windowBefore: Window
  /** Opened, and no success seen since. */
  readonly isTripped: boolean
  readonly openUntilMs: number
  /** How often it opened without a success in between: each time for longer. */
  readonly openings: number
  /** A probe is under way; the claim lapses at this moment, should nobody say how it ended. */
  readonly probeUntilMs: number
  /** The provider itself said when to come back. Independent of failures. */
  readonly restUntilMs: number
  readonly touchedAtMs: number
}

interface Window {
  readonly startedAtMs: number
  readonly calls: number
  /** A stream is a call when it begins, and a failure too once it has broken off. */
  readonly failures: number
}

/**
 * - `closed`: as well as anyone knows.
 * - `resting`: the provider said when to come back.
 * - `open`: it failed too often; nothing is sent there while another candidate is left.
 * - `half-open`: its time is up, and one probe is due.
 */
export type CircuitState = 'closed' | 'resting' | 'open' | 'half-open'

/** What opens a circuit, and for how long. */
export const circuitLimits = {
  /** Of calls that came to nothing, or of streams that broke off. */
  failuresInARow: 5,
  /** Of at least so many calls in the last two windows, this share failed. */
  ratioCalls: 20,
  ratio: 0.5,
  windowMs: 10_000,
  openMs: 5_000,
  /** Doubled at each opening, up to this. */
  longestOpenMs: 120_000,
  /** A rest that a provider asks for is believed up to this. */
  longestRestMs: 3_600_000,
  /** A limit whose provider did not say for how long: doubled each time in a row, up to the second. */
  limitedMs: 1_000,
  longestLimitedMs: 60_000,
  /** A claimed probe of which nothing more was heard. */
  probeMs: 60_000,
  /** A success this fresh, and no failure since, is proof that it serves. */
  provenForMs: 30_000,
  /** What was last seen so long ago says nothing of now. */
  forgottenAfterMs: 600_000,
} as const

const emptyWindow: Window = { startedAtMs: 0, calls: 0, failures: 0 }

export const freshCircuit: Circuit = {
  failuresInARow: 0,
  cutsInARow: 0,
  window: emptyWindow,
  windowBefore: emptyWindow,
  isTripped: false,
  openUntilMs: 0,
  openings: 0,
  probeUntilMs: 0,
  restUntilMs: 0,
  touchedAtMs: 0,
}

export function stateOf(circuit: Circuit, nowMs: number): CircuitState {
  if (isForgotten(circuit, nowMs)) return 'closed'
  if (nowMs < circuit.restUntilMs) return circuit.isTripped ? 'open' : 'resting'
  if (!circuit.isTripped) return 'closed'
  return nowMs < circuit.openUntilMs ? 'open' : 'half-open'
}

/** When it will be tried again; a moment that has passed when it may be now. */
export function backAtMs(circuit: Circuit): number {
  return Math.max(circuit.isTripped ? circuit.openUntilMs : 0, circuit.restUntilMs)
}

export function isProbed(circuit: Circuit, nowMs: number): boolean {
  return nowMs < circuit.probeUntilMs
}

/** Whether it has served lately, and not failed since. */
export function isProven(circuit: Circuit, nowMs: number): boolean {
  const hasServed = circuit.window.calls > 0 && circuit.failuresInARow === 0 && circuit.cutsInARow === 0
  return hasServed && nowMs - circuit.touchedAtMs <= circuitLimits.provenForMs && stateOf(circuit, nowMs) === 'closed'
}

/** An answer came, even one that says no to the call itself: whoever can refuse is alive. */
export function afterSuccess(was: Circuit, nowMs: number): Circuit {
  const circuit = counted(was, nowMs, 1, 0)
  return {
    ...circuit,
    failuresInARow: 0,
    cutsInARow: 0,
    isTripped: false,
    openUntilMs: 0,
    openings: 0,
    probeUntilMs: 0,
  }
}

/** The first content of a stream came: it serves, so far. How often it has opened is forgotten once one ends well. */
export function afterBegin(was: Circuit, nowMs: number): Circuit {
  const circuit = counted(was, nowMs, 1, 0)
  // Where streams break off, that one begins is nothing new, unless it was time to try.
  if (circuit.cutsInARow > 0 && nowMs < circuit.openUntilMs) return { ...circuit, failuresInARow: 0 }
  return { ...circuit, failuresInARow: 0, isTripped: false, openUntilMs: 0, probeUntilMs: 0 }
}

/** A stream that had begun ended well. Where the circuit has opened meanwhile, that tells nothing of now. */
export function afterEnd(was: Circuit, nowMs: number): Circuit {
  if (was.isTripped || (was.cutsInARow === 0 && was.openings === 0)) return was
  return { ...was, cutsInARow: 0, openings: 0, touchedAtMs: nowMs }
}

/** A stream that had begun broke off. */
export function afterCut(was: Circuit, nowMs: number): Circuit {
  const circuit = counted(was, nowMs, 0, 1)
  const cut = { ...circuit, cutsInARow: circuit.cutsInARow + 1 }
  return !cut.isTripped && hasTooManyFailures(cut) ? opened(cut, nowMs) : cut
}

/** @param isProbe whether the attempt that failed was the one that was granted the probe. */
export function afterFailure(was: Circuit, nowMs: number, isProbe: boolean): Circuit {
  const state = stateOf(was, nowMs)
  const circuit = failed(was, nowMs)
  // A probe may have been told to come back later: then it rests by now, and has failed all the same.
  if (isProbe && (state === 'half-open' || isProbed(was, nowMs))) return opened({ ...circuit, probeUntilMs: 0 }, nowMs)
  // What was sent before it opened, or as a last resort, tells nothing new.
  if (state === 'open' || state === 'half-open') return circuit
  return hasTooManyFailures(circuit) ? opened(circuit, nowMs) : circuit
}

/** Opens at once, for a fixed time: the provider refused our secret. */
export function afterRefusal(was: Circuit, nowMs: number, forMs: number): Circuit {
  const circuit = failed(was, nowMs)
  return { ...circuit, isTripped: true, openings: circuit.openings + 1, openUntilMs: nowMs + forMs, probeUntilMs: 0 }
}

/** The provider limits us. It rests as long as it was told to, or longer each time when it was not told. */
export function afterLimit(was: Circuit, nowMs: number): Circuit {
  // Calls that were under way together are refused together: that is once in a row.
  if (nowMs < was.restUntilMs) return was
  const circuit = failed(was, nowMs)
  const doubled = circuitLimits.limitedMs * 2 ** Math.min(circuit.failuresInARow - 1, 16)
  return { ...circuit, restUntilMs: nowMs + Math.min(doubled, circuitLimits.longestLimitedMs) }
}

/** The provider said when to come back: a floor, whatever else is known. */
export function resting(was: Circuit, nowMs: number, forMs: number): Circuit {
  const untilMs = nowMs + Math.min(Math.max(forMs, 0), circuitLimits.longestRestMs)
  return { ...remembered(was, nowMs), restUntilMs: Math.max(was.restUntilMs, untilMs), touchedAtMs: nowMs }
}

export function probing(was: Circuit, nowMs: number): Circuit {
  return { ...was, probeUntilMs: nowMs + circuitLimits.probeMs, touchedAtMs: nowMs }
}

/** Another process opened it. */
export function openedElsewhere(was: Circuit, nowMs: number, forMs: number, openings: number): Circuit {
  const untilMs = nowMs + Math.min(Math.max(forMs, 0), circuitLimits.longestRestMs)
  const circuit = remembered(was, nowMs)
  return {
    ...circuit,
    isTripped: true,
    openings: Math.max(circuit.openings, openings),
    openUntilMs: Math.max(circuit.openUntilMs, untilMs),
    probeUntilMs: 0,
    touchedAtMs: nowMs,
  }
}

/** Another process saw it well. Its success is not counted here: each process has a window of its own. */
export function closedElsewhere(was: Circuit, nowMs: number): Circuit {
  return {
    ...was,
    failuresInARow: 0,
    isTripped: false,
    openUntilMs: 0,
    openings: 0,
    probeUntilMs: 0,
    touchedAtMs: nowMs,
  }
}

/** The attempt ended in a way that says nothing of its target: another may probe. */
export function probeReleased(was: Circuit): Circuit {
  return was.probeUntilMs === 0 ? was : { ...was, probeUntilMs: 0 }
}

function hasTooManyFailures({ failuresInARow, cutsInARow, window, windowBefore }: Circuit): boolean {
  const calls = window.calls + windowBefore.calls
  const failures = window.failures + windowBefore.failures
  return (
    Math.max(failuresInARow, cutsInARow) >= circuitLimits.failuresInARow ||
    (calls >= circuitLimits.ratioCalls && failures >= calls * circuitLimits.ratio)
  )
}

function opened(circuit: Circuit, nowMs: number): Circuit {
  const doubled = circuitLimits.openMs * 2 ** Math.min(circuit.openings, 16)
  return {
    ...circuit,
    isTripped: true,
    openings: circuit.openings + 1,
    openUntilMs: nowMs + Math.min(doubled, circuitLimits.longestOpenMs),
  }
}

function failed(was: Circuit, nowMs: number): Circuit {
  const circuit = counted(was, nowMs, 1, 1)
  return { ...circuit, failuresInARow: circuit.failuresInARow + 1 }
}

function counted(was: Circuit, nowMs: number, calls: 0 | 1, failures: 0 | 1): Circuit {
  const circuit = remembered(was, nowMs)
  const { windowMs } = circuitLimits
  const isCurrent = nowMs - circuit.window.startedAtMs < windowMs
  const isRecent = nowMs - circuit.window.startedAtMs < 2 * windowMs
  const window = isCurrent ? circuit.window : { startedAtMs: nowMs, calls: 0, failures: 0 }
  return {
    ...circuit,
    window: {
      startedAtMs: window.startedAtMs,
      calls: window.calls + calls,
      failures: window.failures + failures,
    },
    windowBefore: isCurrent ? circuit.windowBefore : isRecent ? circuit.window : emptyWindow,
    touchedAtMs: nowMs,
  }
}

function remembered(circuit: Circuit, nowMs: number): Circuit {
  return isForgotten(circuit, nowMs) ? freshCircuit : circuit
}

function isForgotten(circuit: Circuit, nowMs: number): boolean {
  return nowMs - Math.max(circuit.touchedAtMs, backAtMs(circuit)) > circuitLimits.forgottenAfterMs
}
