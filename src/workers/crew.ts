import type { Clock, Timer } from '../canonical/clock.ts'
import { askAll, type Answers } from './ask-all.ts'
import type { Member } from './member.ts'
import type { Drained, WorkerAnswers } from './protocol.ts'
import { openPulse } from './pulse.ts'
import { reasonOf } from './reason-of.ts'

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
  const { clock, count, spares, onDrained, onEnded, onNews } = parts
  const members = new Set<Member>()
  const ends = new Set<Promise<void>>()
  const planned = new Set<Timer>()
  /** Ended by us before they served. */
  const dismissed = new WeakSet<Member>()
  /** A worker that is to replace another, and that other. */
  const rivals = new WeakMap<Member, Member>()
  const startLimits = new WeakMap<Member, Timer>()
  let isClosing = false
  let quickDeaths = 0
  let lastRound: Promise<unknown> = Promise.resolve()

  const startOne = (start: Start): Member => {
    const member = parts.start(start)
    members.add(member)
    limitStart(member)
    const end = member.ended.then(async (how) => {
      members.delete(member)
      if (member.state !== 'left' && !dismissed.has(member)) tellDeath(member, how)
      await onEnded(member, how)
    })
    ends.add(end)
    void end.finally(() => ends.delete(end))
    return member
  }
  const limitStart = (member: Member): void => {
    startLimits.get(member)?.cancel()
    const timer = clock.after(startMs, () => {
      if (member.state === 'starting') member.kill()
    })
    startLimits.set(member, timer)
  }
  const tellDeath = (member: Member, how: string): void => {
    for (const other of members) if (other.state === 'starting' && rivals.get(other) === member) other.hurry()
    if (!member.isSpare) return onNews({ kind: 'died', member, how, nextInMs: planNext(member) })
    onNews({ kind: 'spare-died', member, how })
    clock.after(spareRetryMs, keepSpares)
  }
  /** Nobody is spare while one of the crew is missing. */
  const keepSpares = (): void => {
    const all = [...members]
    if (isClosing || all.filter(({ state }) => state === 'serving').length < count) return
    for (let have = all.filter(isAtHand).length; have < spares; have += 1) startOne('spare')
  }
  const isAtHand = (member: Member): boolean => member.isSpare && member.state !== 'dead' && !dismissed.has(member)
  const callSpare = (): Member | undefined => {
    const all = [...members].filter(isAtHand)
    // One that is not loaded yet is nearer to it than a new one.
    const spare = all.find(({ state }) => state === 'spare') ?? all[0]
    if (spare === undefined) return undefined
    spare.call()
    limitStart(spare)
    return spare
  }
  const dismiss = (member: Member): void => {
    dismissed.add(member)
    member.kill()
  }
  /** One that is to replace another has that one's place only when the other has left it. */
  const holdsPlace = (member: Member): boolean =>
    !member.isSpare &&
    (member.state === 'serving' || (member.state === 'starting' && rivals.get(member)?.state !== 'serving'))
  /** @returns after which time the dead one is replaced; `undefined`: its place is taken already, or nobody's. */
  const planNext = (dead: Member): number | undefined => {
    const here = [...members].filter(holdsPlace).length
    if (isClosing || here + planned.size >= count) return undefined
    quickDeaths = clock.monotonicMs() - dead.neededSinceMs > livedWellMs ? 0 : quickDeaths + 1
    const spare = quickDeaths <= 1 ? callSpare() : undefined
    if (spare !== undefined) {
      takePlace(spare)
      return 0
    }
    const delayMs = Math.min(backoffMs.most, backoffMs.first * 2 ** Math.max(0, quickDeaths - 1))
    const timer = clock.after(delayMs, () => {
      planned.delete(timer)
      if (!isClosing) takePlace(callSpare() ?? startOne('urgent'))
    })
    planned.add(timer)
    return delayMs
  }
  const takePlace = (member: Member): void =>
    void member.serving.then(
      () => {
        onNews({ kind: 'serving', member })
        for (const other of members)
          if (other !== member && other.state === 'serving') other.tell('spread-clients', movedShare)
        keepSpares()
      },
      (thrown: unknown) => {
        if (!dismissed.has(member)) onNews({ kind: 'cannot-serve', member, why: reasonOf(thrown) })
        // Its end is told too, and starts the next one.
        member.kill()
      },
    )
  const end = async (member: Member, drainMs: number, isReplaced: boolean): Promise<void> => {
    try {
      await onDrained(member, await member.drain({ drainMs, isReplaced }, drainMs + drainSpareMs))
      member.leave()
      clock.after(leaveMs, () => member.kill())
    } catch (thrown) {
      if (members.has(member)) onNews({ kind: 'not-drained', member, why: reasonOf(thrown) })
      member.kill()
    }
    await member.ended
  }
  const replace = async (old: Member, drainMs: number): Promise<boolean> => {
    const fresh = startOne('replacing')
    rivals.set(fresh, old)
    try {
      await fresh.serving
    } catch (thrown) {
      fresh.kill()
      onNews({ kind: 'not-replaced', member: old, why: reasonOf(thrown) })
      return false
    }
    onNews({ kind: 'serving', member: fresh })
    if (old.state === 'serving' && !isClosing) await end(old, drainMs, true)
    return true
  }

  const first = Array.from({ length: count }, () => startOne('urgent'))
  try {
    await Promise.all(first.map(({ serving }) => serving))
  } catch (thrown) {
    isClosing = true
    for (const member of members) dismiss(member)
    await Promise.all(ends)
    throw thrown
  }
  const pulse = openPulse({ clock, members, onStuck: (member, why) => onNews({ kind: 'stuck', member, why }) })
  keepSpares()

  return {
    get members() {
      return [...members]
    },
    askAll: (verb, takes, limitMs) => askAll(members, verb, takes, limitMs),
    replaceAll(drainMs) {
      const round = async (): Promise<number> => {
        let replaced = 0
        // What they have loaded may be old code.
        for (const member of members) if (member.isSpare) dismiss(member)
        // One that takes a place just now may have waited for days, and has old code too.
        await Promise.allSettled([...members].filter(({ state }) => state === 'starting').map(({ serving }) => serving))
        const olds = [...members].filter(({ state }) => state === 'serving')
        for (const old of olds)
          if (old.state === 'serving' && !isClosing && (await replace(old, drainMs()))) replaced += 1
        keepSpares()
        return replaced
      }
      const thisRound = lastRound.then(round)
      lastRound = thisRound.catch(() => 0)
      return thisRound
    },
    async drain(drainMs) {
      isClosing = true
      pulse.close()
      for (const timer of planned) timer.cancel()
      for (const member of members) {
        if (member.state === 'serving') void end(member, drainMs, false)
        // One that only starts has nothing to end. One that leaves has its own time for it.
        else if (member.state === 'starting' || member.state === 'spare') dismiss(member)
      }
      await Promise.all(ends)
    },
  }
}
