import type { Clock } from '../canonical/clock.ts'
import { freshCircuit, isProbed, stateOf, type Circuit } from './circuit.ts'
import { providerOf, subjectOf, type HealthNews, type HealthNote, type HealthState } from './health-state.ts'

/** A target is measured for the others, and a provider counted, at most this often. */
export const newsEveryMs = 250

/** Makes news of notes. */
export interface NewsDesk {
  /**
   * To be called around the application of a note.
   * @returns what is to be called when it has been applied.
   */
  watch(note: HealthNote, nowMs: number): () => void
}

/** @param state that the notes are applied to. */
export function openNewsDesk(state: HealthState, clock: Clock, tell: (news: HealthNews) => void): NewsDesk {
  const measuredAtMs = new Map<string, number>()
  const count = openCounting(clock, tell)
  return {
    watch: (note, nowMs) => {
      const subjects = subjectsOf(note)
      const before = subjects.map((subject) => state.circuits.get(subject) ?? freshCircuit)
      return () => {
        for (const [place, subject] of subjects.entries())
          tellChange(subject, before[place] ?? freshCircuit, state.circuits.get(subject) ?? freshCircuit, nowMs, tell)
        if (note.kind === 'answered') {
          const { targetId, isStream, tookMs } = note
          if (isDue(measuredAtMs, `${isStream} ${targetId}`, nowMs))
            tell({ kind: 'measured', targetId, isStream, tookMs })
        }
        count(note)
      }
    },
  }
}

/**
 * All that is remembered, as news for a process that begins now: without it that one would send its first calls where others
 * know already that nothing serves. What was counted of providers is not in it, which is for people to read in one place.
 */
export function newsOfAll(state: HealthState, nowMs: number): readonly HealthNews[] {
  const news: HealthNews[] = []
  for (const [subject, circuit] of state.circuits)
    if (stateOf(circuit, nowMs) !== 'closed') tellChange(subject, freshCircuit, circuit, nowMs, (one) => news.push(one))
  for (const [isStream, times] of [
    [true, state.streamTimes],
    [false, state.wholeTimes],
  ] as const)
    for (const [targetId, measured] of times) {
      const tookMs = measured.expectedMs(nowMs)
      if (tookMs !== undefined) news.push({ kind: 'measured', targetId, isStream, tookMs })
    }
  return news
}

type Count = Omit<Extract<HealthNews, { kind: 'counted' }>, 'kind' | 'provider'>

const nothingCounted: Count = { successes: 0, failures: 0, failuresAtEnd: 0, lastFailureKind: undefined }

function subjectsOf(note: HealthNote): readonly string[] {
  if (note.kind === 'probe' || note.kind === 'probe-released') return [note.subject]
  // It changes nothing that others go by.
  if (note.kind === 'ended') return []
  const { targetId, credentialId } = note
  const target = subjectOf.target(targetId)
  if (credentialId === undefined) return [target]
  return [target, subjectOf.credential(credentialId), subjectOf.lane(targetId, credentialId)]
}

function tellChange(subject: string, was: Circuit, is: Circuit, nowMs: number, tell: (news: HealthNews) => void): void {
  if (was === is) return
  if (is.restUntilMs > Math.max(was.restUntilMs, nowMs))
    tell({ kind: 'resting', subject, forMs: is.restUntilMs - nowMs })
  const hasOpened = is.openings > was.openings
  if (hasOpened) tell({ kind: 'opened', subject, forMs: is.openUntilMs - nowMs, openings: is.openings })
  if (was.isTripped && !is.isTripped) tell({ kind: 'closed', subject })
  if (is.probeUntilMs > Math.max(was.probeUntilMs, nowMs)) tell({ kind: 'probe', subject })
  const isReleased = isProbed(was, nowMs) && !isProbed(is, nowMs)
  if (isReleased && is.isTripped && !hasOpened) tell({ kind: 'probe-released', subject })
}

/** What is counted between two tellings is told together, when the next one is due. */
function openCounting(clock: Clock, tell: (news: HealthNews) => void): (note: HealthNote) => void {
  const waiting = new Map<string, Count>()
  const tellAll = (): void => {
    for (const [provider, counted] of waiting) tell({ kind: 'counted', provider, ...counted })
    waiting.clear()
  }
  return (note) => {
    const isFailure = note.kind === 'failed' && note.fault !== 'call'
    const isSuccess = note.kind === 'ended' || (note.kind === 'answered' && !note.isStream)
    if (!isSuccess && !isFailure) return
    const provider = providerOf(note.targetId)
    const was = waiting.get(provider) ?? nothingCounted
    if (waiting.size === 0) clock.after(newsEveryMs, tellAll)
    waiting.set(provider, {
      successes: was.successes + (isFailure ? 0 : 1),
      failures: was.failures + (isFailure ? 1 : 0),
      failuresAtEnd: isFailure ? was.failuresAtEnd + 1 : 0,
      lastFailureKind: note.kind === 'failed' ? note.errorKind : was.lastFailureKind,
    })
  }
}

/** Behind a wildcard clients choose names: the clock of all is forgotten at once, which tells a little more, once. */
const rememberedLimit = 10_000

function isDue(toldAtMs: Map<string, number>, key: string, nowMs: number): boolean {
  if (nowMs - (toldAtMs.get(key) ?? -Infinity) < newsEveryMs) return false
  if (toldAtMs.size >= rememberedLimit) toldAtMs.clear()
  toldAtMs.set(key, nowMs)
  return true
}
