import { describe, expect, it } from 'vitest'
import { turnedClock, type TurnedClock } from '../../test/turned-clock.ts'
import { openRateLimiter } from '../stores/embedded/rate-limiter.ts'
import { rateLimiterLaws } from '../stores/laws/rate-limiter-laws.ts'
import { concurrentRule, noTokens, sampleRule, sampleTake, ticketOf } from '../stores/laws/sample-limits.ts'
import { openLink, type Link, type LinkMessage } from './link.ts'
import type { PrimaryAnswers, WorkerTells } from './protocol.ts'
import { openRemoteLimiter } from './remote-limiter.ts'
import { openLimitDesk } from './serve-limits.ts'

type None = Record<never, never>
type LimitAnswers = Pick<PrimaryAnswers, 'take-limit' | 'limit-accounts'>
type LimitTells = Pick<WorkerTells, 'settle-limit' | 'refund-limit' | 'cancel-limit'>

/** A primary with its limiter, and workers that ask it. */
function openHouse(clock: TurnedClock) {
  const limiter = openRateLimiter(clock)
  const batches: (readonly LinkMessage[])[] = []
  const carry = (to: () => { receive(batch: unknown): void }) => (batch: readonly LinkMessage[], then: () => void) => {
    batches.push(batch)
    setImmediate(() => {
      then()
      to().receive(structuredClone(batch))
    })
  }
  const onBug = (error: unknown) => {
    throw error
  }
  const openWorker = () => {
    const desk = openLimitDesk(limiter)
    const near: Link<PrimaryAnswers, WorkerTells> = openLink<PrimaryAnswers, WorkerTells, None, None>({
      clock,
      send: carry(() => far),
      answers: {},
      hears: {},
      onBug,
      onStuck: () => {},
    })
    const far: Link<None, None> = openLink<None, None, LimitAnswers, LimitTells>({
      clock,
      send: carry(() => near),
      answers: {
        'take-limit': ({ takeId, asked }) => desk.take(takeId, asked),
        'limit-accounts': () => limiter.accounts(),
      },
      hears: {
        'settle-limit': ({ takeId, used }) => desk.settle(takeId, used),
        'refund-limit': (takeId) => desk.refund(takeId),
        'cancel-limit': (takeId) => desk.cancel(takeId),
      },
      onBug,
      onStuck: () => {},
    })
    return { limiter: openRemoteLimiter(near), desk }
  }
  return { limiter, batches, openWorker }
}

rateLimiterLaws('the limiter of a worker', {
  open: async (clock) => ({ limiter: openHouse(clock).openWorker().limiter, close: async () => {} }),
})

describe('limits over processes', () => {
  it('exactly n of a thousand takes pass, whichever of two workers they come to, in one message a turn', async () => {
    const { batches, openWorker } = openHouse(turnedClock())
    const workers = [openWorker(), openWorker()]
    const rule = sampleRule({ most: 100 })
    const verdicts = await Promise.all(
      Array.from({ length: 1_000 }, (_, place) => workers[place % 2]?.limiter.take(sampleTake([rule]))),
    )
    expect(verdicts.filter((verdict) => verdict?.kind === 'taken')).toHaveLength(100)
    expect(batches).toHaveLength(4)
  })

  it('a worker that dies releases what it held at once, and neither what it was charged for nor what others hold', async () => {
    const { limiter, openWorker } = openHouse(turnedClock())
    const [dead, other] = [openWorker(), openWorker()]
    const asked = sampleTake([concurrentRule(4), sampleRule({ most: 100 })])
    for (const { limiter: remote } of [dead, dead, dead, other]) await remote.take(asked)
    dead.desk.release()
    expect((await limiter.accounts()).map(({ used }) => used)).toEqual([1, 4])
  })

  it('one that waits in line when its worker dies holds nothing and bars nobody', async () => {
    const { limiter, openWorker } = openHouse(turnedClock())
    const [dead, other] = [openWorker(), openWorker()]
    const asked = sampleTake([concurrentRule(1, { queue: { waitMs: 5_000, maxWaiting: 10 } })])
    const ticket = ticketOf(await other.limiter.take(asked))
    const waiting = dead.limiter.take(asked)
    await other.limiter.accounts()
    dead.desk.release()
    expect(await waiting).toEqual({ kind: 'cancelled' })
    other.limiter.settle(ticket, noTokens)
    await other.limiter.accounts()
    expect(limiter.open).toBe(0)
  })

  it('a take whose answer comes too late is given back', async () => {
    const clock = turnedClock()
    const limiter = openRateLimiter(clock)
    const desk = openLimitDesk(limiter)
    const asked = sampleTake([concurrentRule(1)])
    const remote = openRemoteLimiter({
      // Admitted over there; the answer is lost on the way.
      ask: async (_verb, takes) => {
        if (takes !== undefined && 'takeId' in takes) await desk.take(takes.takeId, takes.asked)
        throw new Error('no answer')
      },
      tell: (name, note) => {
        if (name === 'refund-limit' && typeof note === 'number') desk.refund(note)
      },
    })
    await expect(remote.take(asked)).rejects.toThrow('no answer')
    expect(limiter.open).toBe(0)
  })
})
