import type { Clock } from '../../src/canonical/clock.ts'
import type { UsageRecord } from '../../src/canonical/usage-record.ts'
import type { SimulatedEntry } from '../../src/providers/simulated/log.ts'
import type { Surroundings } from './surroundings.ts'

/**
 * A gateway under test and what is around it. The same cases run in two of them: one in this process, whose time is turned
 * by hand and never waits; and one as a process of its own, with real pauses and every limit divided.
 */
export interface House {
  readonly kind: 'in-process' | 'own-process'
  readonly around: Surroundings
  readonly origin: string
  readonly adminOrigin: string
  readonly key: string
  readonly adminKey: string
  readonly configFile: string
  /** As the cases count it: a limit of 60 s passes in 60,000 of its milliseconds, in both houses. */
  readonly clock: Clock
  /** Lets so much time pass. */
  elapse(delayMs: number): Promise<void>
  /** Lets time pass in steps, until something has come about. */
  elapseUntil<Result>(come: Promise<Result>, stepMs: number): Promise<Result>
  /** All that the gateway has logged, as text. */
  logged(): string
  /** A moment for something that happens by itself. */
  moment(): Promise<void>
  close(): Promise<Left>
}

/** What is left when all is over: what the gateway recorded, and what the provider served. */
export interface Left {
  readonly records: readonly UsageRecord[]
  readonly served: readonly SimulatedEntry[]
}
