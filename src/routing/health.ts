import type { Clock } from '../canonical/clock.ts'
import type { Credential, Provider } from '../providers/provider.ts'
import { backAtMs, freshCircuit, isProbed, isProven, stateOf, type Circuit, type CircuitState } from './circuit.ts'
import { newsOfAll, openNewsDesk } from './health-news.ts'
import {
  applyNews,
  applyNote,
  freshState,
  subjectOf,
  unseen,
  type HealthNews,
  type HealthNote,
  type ProviderTally,
} from './health-state.ts'

/** What the gateway has seen of its providers. In memory: it is relearnt within seconds of a start. */
export interface Health {
  /** Something was seen here. What others need to know of it is told on, where there are other processes. */
  note(note: HealthNote): void
  /** Another process tells what it saw. */
  hear(news: HealthNews): void
  /** What this process knows, to be heard by one that begins. */
  news(): readonly HealthNews[]
  /** An attempt is under way in this process. */
  began(targetId: string): void
  ended(targetId: string): void
  /** Attempts under way in this process. */
  running(targetId: string): number
  readonly runningInAll: number
  /** The same by target, of those that have any. */
  readonly runningByTarget: ReadonlyMap<string, number>

  target(targetId: string): CircuitState
  /** For this credential at this target. Worse of the two: what it is in all, and what it is here. */
  credential(targetId: string, credentialId: string): CircuitState
  /** How long until a credential is due again at a target, in milliseconds; 0 when it is. */
  dueInMs(targetId: string, credentialId: string): number
  /**
   * Asks for the one probe of a half-open circuit. Whoever is told true must see to it that a note says how it went.
   * A promise where another process grants it.
   */
  claimProbe(subject: string): boolean | Promise<boolean>
  /** Whether it has served within the last seconds, and not failed since. */
  isProven(targetId: string): boolean
  /** Expected time to the first content, in milliseconds. `undefined`: nothing was measured lately. */
  expectedMs(targetId: string, isStream: boolean): number | undefined
  percentileMs(targetId: string, isStream: boolean, percentile: number): number | undefined

  /** The config was reloaded: what rested may be a new secret under the same name. */
  wakeCredentials(): void
  read(provider: Pick<Provider, 'name' | 'credentials'>): ProviderHealth
  /** Every target asked for, and others that are not well. */
  targets(ids: readonly string[]): readonly TargetHealth[]
}

export interface ProviderHealth extends ProviderTally {
  /** Ids of credentials that rest because the provider refused them. */
  readonly restingCredentials: readonly string[]
}

export interface TargetHealth {
  readonly id: string
  readonly state: CircuitState
  readonly dueInMs: number
  readonly running: number
  /** Of streams. */
  readonly firstContentMs: number | undefined
}

/** A circuit opened: an alarm. */
export interface CircuitOpened {
  readonly kind: 'target' | 'credential'
  readonly id: string
  readonly forMs: number
}

export interface HealthParts {
  readonly clock: Clock
  readonly onOpened: (opened: CircuitOpened) => void
  /** What another process knows already: `news` of its health. Taken up before anything is asked or seen here. */
  readonly known?: readonly HealthNews[]
  /** Tells the other processes. */
  readonly tell?: (news: HealthNews) => void
  /** Asks whoever grants probes for all processes. By default this process does. */
  readonly askForProbe?: (subject: string) => boolean | Promise<boolean>
}

/** Behind a wildcard clients choose names: so many of them are shown. */
const shownLimit = 200

/**
 * Health as this process sees it, kept in memory alone. Everything is taken to be well until something is noted of it, or
 * `known` tells.
 */
export function openHealth({ clock, onOpened, known = [], tell, askForProbe }: HealthParts): Health {
  const state = freshState()
  for (const news of known) applyNews(state, news, clock.monotonicMs(), clock.nowMs())
  const running = new Map<string, number>()
  let runningInAll = 0
  const circuitOf = (subject: string): Circuit => state.circuits.get(subject) ?? freshCircuit
  const timesOf = (targetId: string, isStream: boolean) =>
    (isStream ? state.streamTimes : state.wholeTimes).get(targetId)
  const stateAt = (subject: string): CircuitState => {
    const circuit = state.circuits.get(subject)
    return circuit === undefined ? 'closed' : stateOf(circuit, clock.monotonicMs())
  }
  const dueAt = (subject: string): number => Math.max(backAtMs(circuitOf(subject)) - clock.monotonicMs(), 0)
  const desk = tell && openNewsDesk(state, clock, tell)
  const apply = (note: HealthNote): void => {
    const told = desk?.watch(note, clock.monotonicMs())
    applyNote(state, note, clock.monotonicMs(), clock.nowMs())
    told?.()
  }

  const alarm = (kind: CircuitOpened['kind'], id: string, openingsBefore: number): void => {
    const circuit = circuitOf(subjectOf[kind](id))
    if (circuit.openings > openingsBefore) onOpened({ kind, id, forMs: backAtMs(circuit) - clock.monotonicMs() })
  }
  const note = (seen: HealthNote): void => {
    if (seen.kind !== 'failed') return apply(seen)
    const { targetId, credentialId } = seen
    const ofTarget = circuitOf(subjectOf.target(targetId)).openings
    const ofCredential = circuitOf(subjectOf.credential(credentialId)).openings
    apply(seen)
    alarm('target', targetId, ofTarget)
    alarm('credential', credentialId, ofCredential)
  }
  const grant = (subject: string): boolean => {
    const nowMs = clock.monotonicMs()
    const circuit = circuitOf(subject)
    if (stateOf(circuit, nowMs) !== 'half-open' || isProbed(circuit, nowMs)) return false
    note({ kind: 'probe', subject })
    return true
  }
  const credential = (targetId: string, credentialId: string): CircuitState => {
    const here = stateAt(subjectOf.lane(targetId, credentialId))
    return here === 'closed' ? stateAt(subjectOf.credential(credentialId)) : here
  }

  return {
    note,
    hear: (news) => applyNews(state, news, clock.monotonicMs(), clock.nowMs()),
    news: () => newsOfAll(state, clock.monotonicMs()),
    began: (targetId) => {
      runningInAll += 1
      running.set(targetId, (running.get(targetId) ?? 0) + 1)
    },
    ended: (targetId) => {
      runningInAll -= 1
      const left = (running.get(targetId) ?? 1) - 1
      if (left === 0) running.delete(targetId)
      else running.set(targetId, left)
    },
    running: (targetId) => running.get(targetId) ?? 0,
    get runningInAll() {
      return runningInAll
    },
    runningByTarget: running,
    target: (targetId) => stateAt(subjectOf.target(targetId)),
    credential,
    dueInMs: (targetId, credentialId) =>
      Math.max(
        dueAt(subjectOf.target(targetId)),
        dueAt(subjectOf.credential(credentialId)),
        dueAt(subjectOf.lane(targetId, credentialId)),
      ),
    claimProbe: askForProbe ?? grant,
    isProven: (targetId) => isProven(circuitOf(subjectOf.target(targetId)), clock.monotonicMs()),
    expectedMs: (targetId, isStream) => timesOf(targetId, isStream)?.expectedMs(clock.monotonicMs()),
    percentileMs: (targetId, isStream, percentile) =>
      timesOf(targetId, isStream)?.percentileMs(clock.monotonicMs(), percentile),
    wakeCredentials: () => {
      for (const subject of state.circuits.keys())
        if (subject.startsWith('credential ') || subject.startsWith('lane ')) state.circuits.delete(subject)
    },
    read: (provider) => ({
      ...(state.providers.get(provider.name) ?? unseen),
      restingCredentials: provider.credentials
        .filter(({ id }: Credential) => stateAt(subjectOf.credential(id)) !== 'closed')
        .map(({ id }) => id),
    }),
    targets: (ids) => {
      const prefix = subjectOf.target('')
      const known = [...state.circuits.keys()]
        .filter((subject) => subject.startsWith(prefix) && stateAt(subject) !== 'closed')
        .map((subject) => subject.slice(prefix.length))
        .slice(0, shownLimit)
      return [...new Set([...ids, ...known])].map((id) => ({
        id,
        state: stateAt(subjectOf.target(id)),
        dueInMs: dueAt(subjectOf.target(id)),
        running: running.get(id) ?? 0,
        firstContentMs: timesOf(id, true)?.expectedMs(clock.monotonicMs()),
      }))
    },
  }
}
