import type { ErrorKind } from '../canonical/error.ts'
import {
  afterBegin,
  afterCut,
  afterEnd,
  afterFailure,
  afterLimit,
  afterRefusal,
  afterSuccess,
  closedElsewhere,
  freshCircuit,
  openedElsewhere,
  probeReleased,
  probing,
  resting,
  type Circuit,
} from './circuit.ts'
import { FirstContentTimes } from './first-content.ts'

/** Something that this process saw of an attempt of its own. It is of the moment it is noted. */
export type HealthNote =
  /** The first content is in hand. Of a whole answer that is all of it; how a stream ends is noted when it does. */
  | {
      readonly kind: 'answered'
      readonly targetId: string
      readonly credentialId: string
      readonly isStream: boolean
      readonly tookMs: number
    }
  /** A stream that had begun has ended well. */
  | { readonly kind: 'ended'; readonly targetId: string }
  | {
      readonly kind: 'failed'
      readonly targetId: string
      readonly credentialId: string
      readonly fault: Exclude<Fault, 'nobody'>
      readonly errorKind: ErrorKind
      /** The subjects of the probes that were granted for it. */
      readonly probes: readonly string[]
    }
  /** The provider told when to come back: this credential at this target, or the target whoever calls. */
  | {
      readonly kind: 'rest'
      readonly targetId: string
      readonly credentialId: string | undefined
      readonly forMs: number
    }
  | { readonly kind: 'probe'; readonly subject: string }
  /** The attempt ended in a way that says nothing, or was not made. Noted by whoever was granted the probe, and by nobody else. */
  | { readonly kind: 'probe-released'; readonly subject: string }

/**
 * What another process needs to know of what one saw: what became of it, not each attempt, so that little travels. Plain
 * values without moments, since each process has its own clock: news is of the moment it is heard.
 */
export type HealthNews =
  | { readonly kind: 'opened'; readonly subject: string; readonly forMs: number; readonly openings: number }
  | { readonly kind: 'closed'; readonly subject: string }
  | { readonly kind: 'resting'; readonly subject: string; readonly forMs: number }
  | { readonly kind: 'probe'; readonly subject: string }
  /** It was being probed, and nothing became of that. */
  | { readonly kind: 'probe-released'; readonly subject: string }
  /** A sample of the times to the first content. */
  | { readonly kind: 'measured'; readonly targetId: string; readonly isStream: boolean; readonly tookMs: number }
  /** What was counted at a provider since the last of these. */
  | {
      readonly kind: 'counted'
      readonly provider: string
      readonly successes: number
      readonly failures: number
      /** Those of the failures that came after the last success. */
      readonly failuresAtEnd: number
      readonly lastFailureKind: ErrorKind | undefined
    }

/**
 * Whose fault a failure is.
 * - `target`: outages, overload, timeouts, answers that are none.
 * - `cut`: the target's, of a stream whose first content is noted.
 * - `limit`: the provider limits our rate.
 * - `credential`: the provider refuses our secret.
 * - `call`: the call itself is refused. The target is well.
 * - `nobody`: the client left, Weir itself could not send it, or an idle connection had been closed. Nothing is known of the
 *   target.
 */
export type Fault = 'target' | 'cut' | 'limit' | 'credential' | 'call' | 'nobody'

/** Plain values by subject, the whole of what routing knows of the past. Serialisable as entries. */
export interface HealthState {
  readonly circuits: Map<string, Circuit>
  /** By target id; streams and whole answers apart, since the latter take as long as the answer. */
  readonly streamTimes: Map<string, FirstContentTimes>
  readonly wholeTimes: Map<string, FirstContentTimes>
  readonly providers: Map<string, ProviderTally>
}

export interface ProviderTally {
  readonly successes: number
  readonly failures: number
  readonly consecutiveFailures: number
  readonly lastSuccessAtMs: number | undefined
  readonly lastFailure: { readonly atMs: number; readonly kind: ErrorKind } | undefined
}

/** How long a credential that a provider refused is left out, unless the config is reloaded before. */
export const credentialRestMs = 300_000

/** Behind a wildcard clients choose names: what was touched longest ago is forgotten beyond so many subjects. */
export const subjectLimit = 10_000

export const unseen: ProviderTally = {
  successes: 0,
  failures: 0,
  consecutiveFailures: 0,
  lastSuccessAtMs: undefined,
  lastFailure: undefined,
}

export function freshState(): HealthState {
  return { circuits: new Map(), streamTimes: new Map(), wholeTimes: new Map(), providers: new Map() }
}

/** The subjects of circuits. A credential's id holds no blank. */
export const subjectOf = {
  target: (targetId: string): string => `target ${targetId}`,
  credential: (credentialId: string): string => `credential ${credentialId}`,
  /** Rate limits are told for one key and one model. */
  lane: (targetId: string, credentialId: string): string => `lane ${credentialId} ${targetId}`,
} as const

/**
 * Applies one note: the reducer. Circuits and times are replaced, never changed.
 * @param nowMs monotonic, of this process.
 * @param wallMs for people to read.
 */
export function applyNote(state: HealthState, note: HealthNote, nowMs: number, wallMs: number): void {
  switch (note.kind) {
    case 'answered':
      return applyAnswered(state, note, nowMs, wallMs)
    case 'ended':
      return applyEnded(state, note.targetId, nowMs, wallMs)
    case 'failed':
      return applyFailed(state, note, nowMs, wallMs)
    case 'rest': {
      const { targetId, credentialId, forMs } = note
      const subject = credentialId === undefined ? subjectOf.target(targetId) : subjectOf.lane(targetId, credentialId)
      return change(state.circuits, subject, (was) => resting(was, nowMs, forMs))
    }
    case 'probe':
      return change(state.circuits, note.subject, (was) => probing(was, nowMs))
    case 'probe-released':
      return release(state, note.subject)
  }
}

/** Applies what another process told. */
export function applyNews(state: HealthState, news: HealthNews, nowMs: number, wallMs: number): void {
  switch (news.kind) {
    case 'opened':
      return change(state.circuits, news.subject, (was) => openedElsewhere(was, nowMs, news.forMs, news.openings))
    case 'closed':
      return change(state.circuits, news.subject, (was) => closedElsewhere(was, nowMs))
    case 'resting':
      return change(state.circuits, news.subject, (was) => resting(was, nowMs, news.forMs))
    case 'probe':
      return change(state.circuits, news.subject, (was) => probing(was, nowMs))
    case 'probe-released':
      return release(state, news.subject)
    case 'measured':
      return measure(state, news, nowMs)
    case 'counted': {
      const { provider, successes, failures, failuresAtEnd, lastFailureKind } = news
      const was = state.providers.get(provider) ?? unseen
      return put(state.providers, provider, {
        successes: was.successes + successes,
        failures: was.failures + failures,
        consecutiveFailures: (successes > 0 ? 0 : was.consecutiveFailures) + failuresAtEnd,
        lastSuccessAtMs: successes > 0 ? wallMs : was.lastSuccessAtMs,
        lastFailure: lastFailureKind === undefined ? was.lastFailure : { atMs: wallMs, kind: lastFailureKind },
      })
    }
  }
}

function measure(
  state: HealthState,
  { targetId, isStream, tookMs }: { readonly targetId: string; readonly isStream: boolean; readonly tookMs: number },
  nowMs: number,
): void {
  const times = isStream ? state.streamTimes : state.wholeTimes
  const known = times.get(targetId) ?? new FirstContentTimes()
  known.note(tookMs, nowMs)
  put(times, targetId, known)
}

function applyAnswered(
  state: HealthState,
  note: Extract<HealthNote, { kind: 'answered' }>,
  nowMs: number,
  wallMs: number,
): void {
  const { targetId, credentialId, isStream } = note
  succeed(state, targetId, credentialId, nowMs, isStream ? afterBegin : afterSuccess)
  measure(state, note, nowMs)
  if (!isStream) tallySuccess(state, targetId, wallMs)
}

function applyEnded(state: HealthState, targetId: string, nowMs: number, wallMs: number): void {
  change(state.circuits, subjectOf.target(targetId), (was) => afterEnd(was, nowMs))
  tallySuccess(state, targetId, wallMs)
}

function tallySuccess(state: HealthState, targetId: string, wallMs: number): void {
  tally(state, targetId, (was) => ({
    ...was,
    successes: was.successes + 1,
    consecutiveFailures: 0,
    lastSuccessAtMs: wallMs,
  }))
}

function applyFailed(
  state: HealthState,
  { targetId, credentialId, fault, errorKind, probes }: Extract<HealthNote, { kind: 'failed' }>,
  nowMs: number,
  wallMs: number,
): void {
  const target = subjectOf.target(targetId)
  switch (fault) {
    case 'target':
      change(state.circuits, target, (was) => afterFailure(was, nowMs, probes.includes(target)))
      break
    case 'cut':
      change(state.circuits, target, (was) => afterCut(was, nowMs))
      break
    case 'limit':
      change(state.circuits, subjectOf.lane(targetId, credentialId), (was) => afterLimit(was, nowMs))
      break
    case 'credential':
      change(state.circuits, subjectOf.credential(credentialId), (was) => afterRefusal(was, nowMs, credentialRestMs))
      break
    case 'call':
      return succeed(state, targetId, credentialId, nowMs, afterSuccess)
  }
  // Of what was probed and is not at fault nothing is known now: another may.
  for (const subject of probes) release(state, subject)
  tally(state, targetId, (was) => ({
    ...was,
    failures: was.failures + 1,
    consecutiveFailures: was.consecutiveFailures + 1,
    lastFailure: { atMs: wallMs, kind: errorKind },
  }))
}

function succeed(
  state: HealthState,
  targetId: string,
  credentialId: string,
  nowMs: number,
  ofTarget: (was: Circuit, nowMs: number) => Circuit,
): void {
  change(state.circuits, subjectOf.target(targetId), (was) => ofTarget(was, nowMs))
  // The everyday case has nothing to remember about them: they have circuits only once they have failed.
  for (const subject of [subjectOf.credential(credentialId), subjectOf.lane(targetId, credentialId)])
    if (state.circuits.has(subject)) change(state.circuits, subject, (was) => afterSuccess(was, nowMs))
}

function release(state: HealthState, subject: string): void {
  if (state.circuits.has(subject)) change(state.circuits, subject, probeReleased)
}

function change(circuits: Map<string, Circuit>, subject: string, next: (was: Circuit) => Circuit): void {
  put(circuits, subject, next(circuits.get(subject) ?? freshCircuit))
}

/** A target's id is its provider's name, a slash, and the provider's own name of the model; names have no slash. */
export function providerOf(targetId: string): string {
  return targetId.slice(0, targetId.indexOf('/'))
}

function tally(state: HealthState, targetId: string, next: (was: ProviderTally) => ProviderTally): void {
  const provider = providerOf(targetId)
  put(state.providers, provider, next(state.providers.get(provider) ?? unseen))
}

function put<Value>(map: Map<string, Value>, key: string, value: Value): void {
  // Maps keep the order of insertion. While there is room nobody cares about it; after that whoever is touched goes last.
  if (map.size >= subjectLimit) map.delete(key)
  map.set(key, value)
  if (map.size <= subjectLimit) return
  const [oldest] = map.keys()
  if (oldest !== undefined) map.delete(oldest)
}
