import type { Clock } from '../canonical/clock.ts'
import { SetupProblem } from '../config/setup-problem.ts'
import { openLink, type Link } from './link.ts'
import type {
  Drained,
  DrainOrders,
  Orders,
  PrimaryAnswers,
  PrimaryTells,
  WorkerAnswers,
  WorkerTells,
} from './protocol.ts'
import type { WorkerProcess } from './process-port.ts'

/** One worker, as the primary sees it. */
export interface Member {
  readonly pid: number
  /** Of its spool. */
  readonly ownerId: string
  /** Among its fellows, from 1. */
  readonly place: number
  /** Wall time. */
  readonly startedAtMs: number
  /** Monotonic: since it was called, where it was a spare, and since its start otherwise. */
  readonly neededSinceMs: number
  readonly state: MemberState
  /** It was told what to do: it writes a spool, or is about to. */
  readonly hasBegun: boolean
  /** It is to wait once it is loaded, or does so already. */
  readonly isSpare: boolean
  /** Monotonic: it serves, owes an answer, and has said nothing since this moment. `undefined`: it owes none. */
  readonly silentSinceMs: number | undefined
  /** Resolves with the origin it listens at. Rejects with a SetupProblem when it cannot serve, or ends before it does. */
  readonly serving: Promise<string>
  /** Resolves with how it ended, when it is dead. */
  readonly ended: Promise<string>
  readonly ask: Link<WorkerAnswers, PrimaryTells>['ask']
  readonly tell: Link<WorkerAnswers, PrimaryTells>['tell']
  /** Has it end its exchanges and close its spool. It still has to be told to leave. */
  drain(orders: DrainOrders, limitMs: number): Promise<Drained>
  leave(): void
  kill(): void
  /** Has a spare serve, as soon as it can. */
  call(): void
  /** One that was to replace another is waited for: the other is dead. */
  hurry(): void
}

/**
 * `spare`: it waits, loaded, until it is called. `leaving`: it takes no new exchanges. `left`: it is done, and its spool is closed.
 */
export type MemberState = 'starting' | 'spare' | 'serving' | 'leaving' | 'left' | 'dead'

export interface MemberParts {
  readonly clock: Clock
  readonly process: WorkerProcess
  readonly ownerId: string
  readonly place: number
  readonly orders: () => Orders
  /** Somebody waits for it from now on. */
  readonly onNeeded: () => void
  /** Whether it is to wait for its orders until it is called. */
  readonly isSpare: boolean
  readonly answers: Omit<Answering, 'begin'>
  readonly hears: Omit<Hearing, 'serving' | 'cannot-serve'>
  readonly onBug: (error: unknown) => void
}

type Answering = {
  readonly [Verb in keyof PrimaryAnswers]: (
    takes: PrimaryAnswers[Verb]['takes'],
  ) => PrimaryAnswers[Verb]['gives'] | Promise<PrimaryAnswers[Verb]['gives']>
}
type Hearing = { readonly [Name in keyof WorkerTells]: (note: WorkerTells[Name]) => void }

/** One worker as the primary sees it, from the start of its process to its end. */
export function openMember(parts: MemberParts): Member {
  const { clock, process, ownerId, place } = parts
  const serving = Promise.withResolvers<string>()
  const ended = Promise.withResolvers<string>()
  const called = Promise.withResolvers<void>()
  let state: MemberState = 'starting'
  let hasBegun = false
  let neededSinceMs = clock.monotonicMs()
  let { isSpare } = parts
  /** Asks without an answer yet; when it was last heard; and the first ask since. */
  let owed = 0
  let heardMs = clock.monotonicMs()
  let askedMs: number | undefined
  const link = openLink<WorkerAnswers, PrimaryTells, PrimaryAnswers, WorkerTells>({
    clock,
    send: (batch, then) => process.send(batch, then),
    answers: {
      ...parts.answers,
      begin: async () => {
        if (isSpare) {
          state = 'spare'
          await called.promise
        }
        hasBegun = true
        return parts.orders()
      },
    },
    hears: {
      ...parts.hears,
      serving: ({ origin }) => {
        if (state === 'starting') state = 'serving'
        parts.onNeeded()
        serving.resolve(origin)
      },
      'cannot-serve': ({ problem }) => serving.reject(new SetupProblem(`a worker cannot serve: ${problem}`)),
    },
    onBug: parts.onBug,
    onStuck: () => process.kill(),
  })
  process.onBatch((batch) => {
    heardMs = clock.monotonicMs()
    askedMs = undefined
    // What a dead process said last is not heard: what it held is released already.
    if (state !== 'dead') link.receive(batch)
  })
  process.onExit((how) => {
    if (state !== 'left') state = 'dead'
    link.close(`(worker ${process.pid}) ${how}`)
    serving.reject(new SetupProblem(`worker process ${process.pid} ${how} before it served`))
    ended.resolve(how)
  })
  // Whoever waits for it is told; where nobody does, its end is told all the same.
  serving.promise.catch(() => {})
  return {
    pid: process.pid,
    ownerId,
    place,
    startedAtMs: clock.nowMs(),
    get state() {
      return state
    },
    get neededSinceMs() {
      return neededSinceMs
    },
    get hasBegun() {
      return hasBegun
    },
    get isSpare() {
      return isSpare
    },
    get silentSinceMs() {
      return state !== 'serving' ? undefined : (askedMs ?? (owed > 0 ? heardMs : undefined))
    },
    serving: serving.promise,
    ended: ended.promise,
    ask: async (verb, takes, limitMs) => {
      askedMs ??= clock.monotonicMs()
      owed += 1
      try {
        return await link.ask(verb, takes, limitMs)
      } finally {
        owed -= 1
      }
    },
    tell: link.tell,
    drain: (orders, limitMs) => {
      state = 'leaving'
      return link.ask('drain', orders, limitMs)
    },
    leave: () => {
      if (state === 'leaving') state = 'left'
      link.tell('leave', undefined)
    },
    kill: () => process.kill(),
    call: () => {
      isSpare = false
      neededSinceMs = clock.monotonicMs()
      if (state === 'spare') state = 'starting'
      parts.onNeeded()
      called.resolve()
    },
    hurry: parts.onNeeded,
  }
}
