import type { Clock, Timer } from '../canonical/clock.ts'
import { askAll, type Answers } from './ask-all.ts'
import type { Member } from './member.ts'
import type { Drained, WorkerAnswers } from './protocol.ts'
import { openPulse } from './pulse.ts'
import { reasonOf } from '../canonical/reason-of.ts'

/** A spare that cannot be had is tried for again after this time. */
export const spareRetryMs = 10_000
/** A worker that dies is replaced after this time, and after twice as long each time that another dies soon as well. */
export const backoffMs = { first: 100, most: 10_000 } as const
/** A worker that lived so long was well: its death is no sign of a fault that is in all of them. */
const livedWellMs = 30_000
/**
 * Whoever was connected to a dead worker is with the others now, and would stay: this share of theirs is sent away when another
 * serves in its place. Some come back. More would be a storm of connections at the moment at which the new one is slowest.
 */
const movedShare = 0.5
/** How long a worker may take to start, on a machine that has no time for it; then it is as good as one that cannot. */
const startMs = 120_000
/** What a worker needs beyond the time its exchanges have, to end them in band and to close. */
const drainSpareMs = 15_000
/** A worker that was told to leave and is still there after this time is made to. */
const leaveMs = 5_000

export interface CrewParts {
  readonly clock: Clock
  readonly count: number
  /** How many more wait, loaded, to take the place of one that dies. */
  readonly spares: number
  /** Starts a worker process. */
  readonly start: (how: Start) => Member
  /** A worker has closed its spool in order, and is about to leave. */
  readonly onDrained: (member: Member, drained: Drained) => Promise<void>
  /** A worker's process is dead. `state` of it tells whether it had left in order. */
  readonly onEnded: (member: Member, how: string) => Promise<void>
  readonly onNews: (news: CrewNews) => void
}

/** `urgent`: clients wait for it. `replacing`: the one whose place it is to take serves meanwhile. */
export type Start = 'urgent' | 'replacing' | 'spare'

/** What happened to a worker, for the log and for whoever acts on it. `how` and `why` are for people. */
export type CrewNews =
  | { readonly kind: 'serving'; readonly member: Member }
  | { readonly kind: 'died'; readonly member: Member; readonly how: string; readonly nextInMs: number | undefined }
  | { readonly kind: 'spare-died'; readonly member: Member; readonly how: string }
  | {
      readonly kind: 'cannot-serve' | 'stuck' | 'not-drained' | 'not-replaced'
      readonly member: Member
      readonly why: string
    }

/** Keeps a number of workers serving, whatever happens to them. */
export interface Crew {
  /** In the order of their start; those that leave included. */
  readonly members: readonly Member[]
  /**
   * Asks every worker that serves or is about to, and waits for at most `limitMs`.
   * @returns the answers, and the workers that gave none.
   */
  askAll<Verb extends keyof WorkerAnswers & string>(
    verb: Verb,
    takes: WorkerAnswers[Verb]['takes'],
    limitMs: number,
  ): Promise<Answers<WorkerAnswers[Verb]['gives']>>
  /** Replaces every worker, one after the other: the old one leaves when the new one serves. Resolves with how many are. */
  replaceAll(drainMs: () => number): Promise<number>
  /** Ends all workers in order. */
  drain(drainMs: number): Promise<void>
}

/** @throws SetupProblem when one of the first workers cannot; no process is left behind then. */
export async function openCrew(parts: CrewParts): Promise<Crew> {
  const crew = new KeptCrew(parts)
  await crew.open()
  return crew
}

class KeptCrew implements Crew {
  readonly #parts: CrewParts
  readonly #members = new Set<Member>()
  readonly #ends = new Set<Promise<void>>()
  readonly #planned = new Set<Timer>()
  /** Ended by us before they served. */
  readonly #dismissed = new WeakSet<Member>()
  /** A worker that is to replace another, and that other. */
  readonly #rivals = new WeakMap<Member, Member>()
  readonly #startLimits = new WeakMap<Member, Timer>()
  #pulse: { close(): void } | undefined
  #isClosing = false
  #quickDeaths = 0
  #lastRound: Promise<unknown> = Promise.resolve()

  constructor(parts: CrewParts) {
    this.#parts = parts
  }

  async open(): Promise<void> {
    const { clock, count, onNews } = this.#parts
    const first = Array.from({ length: count }, () => this.#startOne('urgent'))
    try {
      await Promise.all(first.map(({ serving }) => serving))
    } catch (thrown) {
      this.#isClosing = true
      for (const member of this.#members) this.#dismiss(member)
      await Promise.all(this.#ends)
      throw thrown
    }
    const onStuck = (member: Member, why: string) => onNews({ kind: 'stuck', member, why })
    this.#pulse = openPulse({ clock, members: this.#members, onStuck })
    this.#keepSpares()
  }

  get members(): readonly Member[] {
    return [...this.#members]
  }

  askAll<Verb extends keyof WorkerAnswers & string>(
    verb: Verb,
    takes: WorkerAnswers[Verb]['takes'],
    limitMs: number,
  ): Promise<Answers<WorkerAnswers[Verb]['gives']>> {
    return askAll(this.#members, verb, takes, limitMs)
  }

  replaceAll(drainMs: () => number): Promise<number> {
    const thisRound = this.#lastRound.then(() => this.#replaceEach(drainMs))
    this.#lastRound = thisRound.catch(() => 0)
    return thisRound
  }

  async drain(drainMs: number): Promise<void> {
    this.#isClosing = true
    this.#pulse?.close()
    for (const timer of this.#planned) timer.cancel()
    for (const member of this.#members) {
      if (member.state === 'serving') void this.#end(member, drainMs, false)
      // One that only starts has nothing to end. One that leaves has its own time for it.
      else if (member.state === 'starting' || member.state === 'spare') this.#dismiss(member)
    }
    await Promise.all(this.#ends)
  }

  // --- one member, from its start to its death -------------------------------------------------------------------------

  #startOne(start: Start): Member {
    const member = this.#parts.start(start)
    this.#members.add(member)
    this.#limitStart(member)
    const end = member.ended.then(async (how) => {
      this.#members.delete(member)
      if (member.state !== 'left' && !this.#dismissed.has(member)) this.#tellDeath(member, how)
      await this.#parts.onEnded(member, how)
    })
    this.#ends.add(end)
    void end.finally(() => this.#ends.delete(end))
    return member
  }

  #limitStart(member: Member): void {
    this.#startLimits.get(member)?.cancel()
    const timer = this.#parts.clock.after(startMs, () => {
      if (member.state === 'starting') member.kill()
    })
    this.#startLimits.set(member, timer)
  }

  async #end(member: Member, drainMs: number, isReplaced: boolean): Promise<void> {
    const { clock, onDrained, onNews } = this.#parts
    try {
      await onDrained(member, await member.drain({ drainMs, isReplaced }, drainMs + drainSpareMs))
      member.leave()
      clock.after(leaveMs, () => member.kill())
    } catch (thrown) {
      if (this.#members.has(member)) onNews({ kind: 'not-drained', member, why: reasonOf(thrown) })
      member.kill()
    }
    await member.ended
  }

  #dismiss(member: Member): void {
    this.#dismissed.add(member)
    member.kill()
  }

  // --- who follows one that died ---------------------------------------------------------------------------------------

  #tellDeath(member: Member, how: string): void {
    const { clock, onNews } = this.#parts
    for (const other of this.#members)
      if (other.state === 'starting' && this.#rivals.get(other) === member) other.hurry()
    if (!member.isSpare) return onNews({ kind: 'died', member, how, nextInMs: this.#planNext(member) })
    onNews({ kind: 'spare-died', member, how })
    clock.after(spareRetryMs, () => this.#keepSpares())
  }

  /** @returns after which time the dead one is replaced; `undefined`: its place is taken already, or nobody's. */
  #planNext(dead: Member): number | undefined {
    const { clock, count } = this.#parts
    const here = this.members.filter((member) => this.#holdsPlace(member)).length
    if (this.#isClosing || here + this.#planned.size >= count) return undefined
    this.#quickDeaths = clock.monotonicMs() - dead.neededSinceMs > livedWellMs ? 0 : this.#quickDeaths + 1
    const spare = this.#quickDeaths <= 1 ? this.#callSpare() : undefined
    if (spare !== undefined) {
      this.#takePlace(spare)
      return 0
    }
    const delayMs = Math.min(backoffMs.most, backoffMs.first * 2 ** Math.max(0, this.#quickDeaths - 1))
    const timer = clock.after(delayMs, () => {
      this.#planned.delete(timer)
      if (!this.#isClosing) this.#takePlace(this.#callSpare() ?? this.#startOne('urgent'))
    })
    this.#planned.add(timer)
    return delayMs
  }

  /** One that is to replace another has that one's place only when the other has left it. */
  #holdsPlace(member: Member): boolean {
    if (member.isSpare) return false
    return member.state === 'serving' || (member.state === 'starting' && this.#rivals.get(member)?.state !== 'serving')
  }

  #takePlace(member: Member): void {
    const { onNews } = this.#parts
    void member.serving.then(
      () => {
        onNews({ kind: 'serving', member })
        for (const other of this.#members)
          if (other !== member && other.state === 'serving') other.tell('spread-clients', movedShare)
        this.#keepSpares()
      },
      (thrown: unknown) => {
        if (!this.#dismissed.has(member)) onNews({ kind: 'cannot-serve', member, why: reasonOf(thrown) })
        // Its end is told too, and starts the next one.
        member.kill()
      },
    )
  }

  // --- those that wait -------------------------------------------------------------------------------------------------

  /** Nobody is spare while one of the crew is missing. */
  #keepSpares(): void {
    const { count, spares } = this.#parts
    const all = this.members
    if (this.#isClosing || all.filter(({ state }) => state === 'serving').length < count) return
    for (let have = all.filter((member) => this.#isAtHand(member)).length; have < spares; have += 1)
      this.#startOne('spare')
  }

  #isAtHand(member: Member): boolean {
    return member.isSpare && member.state !== 'dead' && !this.#dismissed.has(member)
  }

  #callSpare(): Member | undefined {
    const all = this.members.filter((member) => this.#isAtHand(member))
    // One that is not loaded yet is nearer to it than a new one.
    const spare = all.find(({ state }) => state === 'spare') ?? all[0]
    if (spare === undefined) return undefined
    spare.call()
    this.#limitStart(spare)
    return spare
  }

  // --- a new crew for an old one ---------------------------------------------------------------------------------------

  /** @returns how many are new. */
  async #replaceEach(drainMs: () => number): Promise<number> {
    let replaced = 0
    // What they have loaded may be old code.
    for (const member of this.#members) if (member.isSpare) this.#dismiss(member)
    // One that takes a place just now may have waited for days, and has old code too.
    await Promise.allSettled(this.members.filter(({ state }) => state === 'starting').map(({ serving }) => serving))
    const olds = this.members.filter(({ state }) => state === 'serving')
    for (const old of olds)
      if (old.state === 'serving' && !this.#isClosing && (await this.#replace(old, drainMs()))) replaced += 1
    this.#keepSpares()
    return replaced
  }

  async #replace(old: Member, drainMs: number): Promise<boolean> {
    const { onNews } = this.#parts
    const fresh = this.#startOne('replacing')
    this.#rivals.set(fresh, old)
    try {
      await fresh.serving
    } catch (thrown) {
      fresh.kill()
      onNews({ kind: 'not-replaced', member: old, why: reasonOf(thrown) })
      return false
    }
    onNews({ kind: 'serving', member: fresh })
    if (old.state === 'serving' && !this.#isClosing) await this.#end(old, drainMs, true)
    return true
  }
}
