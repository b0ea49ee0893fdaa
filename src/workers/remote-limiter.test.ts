import { describe, expect, it } from 'vitest'
import { turnedClock, type TurnedClock } from '../../test/turned-clock.ts'
import { openRateLimiter } from '../stores/embedded/rate-limiter.ts'
import { rateLimiterLaws } from '../stores/laws/rate-limiter-laws.ts'
import { concurrentRule, noTokens, sampleRule, sampleTake, ticketOf } from '../stores/laws/sample-limits.ts'
import { maxNumberedRules } from './limit-words.ts'
import { openLink, type Link, type LinkMessage } from './link.ts'
import type { PrimaryAnswers, WorkerTells } from './protocol.ts'
import { packBatch, unpackBatch } from './pack-batch.ts'
import { openRemoteLimiter } from './remote-limiter.ts'
import { openLimitDesk } from './serve-limits.ts'

type None = Record<never, never>
type LimitAnswers = Pick<PrimaryAnswers, 'take-limit' | 'limit-accounts'>
type LimitTells = Pick<
  WorkerTells,
  'limit-rule' | 'forget-limit-rules' | 'settle-limit' | 'refund-limit' | 'cancel-limit'
>

/** A primary with its limiter, and workers that ask it. */
function openHouse(clock: TurnedClock) {
  const limiter = openRateLimiter(clock)
  const batches: (readonly LinkMessage[])[] = []
  const carry = (to: () => { receive(batch: unknown): void }) => (batch: readonly LinkMessage[], then: () => void) => {
    batches.push(batch)
    setImmediate(() => {
      then()
      to().receive(unpackBatch(structuredClone(packBatch(batch))))
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
        'take-limit': (asked) => desk.take(asked),
        'limit-accounts': () => limiter.accounts(),
      },
      hears: {
        'limit-rule': (told) => desk.learnRule(told),
        'forget-limit-rules': () => desk.forgetRules(),
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

  it('rules are told once, with the numbers of a new config told anew, and values travel with their takes', async () => {
    const { limiter, batches, openWorker } = openHouse(turnedClock())
    const [one, other] = [openWorker(), openWorker()]
    const [perUser, perOrganisation] = [sampleRule({ id: 'per user', most: 1 }), sampleRule({ id: 'all', most: 3 })]
    const asked = (value: string) => sampleTake([{ rule: perUser, value }, perOrganisation])
    const verdicts = []
    for (const [worker, value] of [
      [one, 'ada'],
      [other, 'ada'],
      [other, 'grace'],
      [one, 'grace'],
    ] as const)
      verdicts.push((await worker.limiter.take(asked(value))).kind)
    expect(verdicts).toEqual(['taken', 'refused', 'taken', 'refused'])
    expect((await limiter.accounts()).map(({ value, used }) => `${value} ${used}`).toSorted()).toEqual([
      'ada 1',
      'grace 1',
      'undefined 2',
    ])
    const told = batches.flat().filter((message) => message.kind === 'tell' && message.name === 'limit-rule')
    expect(told).toHaveLength(4)
  })

  it('numbers of rules are bounded: at the most, all are told anew', async () => {
    const { openWorker } = openHouse(turnedClock())
    const { limiter: remote } = openWorker()
    const asked = sampleTake([sampleRule({ id: 'first', most: 3 })])
    ticketOf(await remote.take(asked))
    const others = Array.from({ length: maxNumberedRules - 1 }, (_, place) => sampleRule({ id: `rule ${place}` }))
    ticketOf(await remote.take(sampleTake(others)))
    ticketOf(await remote.take(sampleTake([sampleRule({ id: 'one more' }), sampleRule({ id: 'and another' })])))
    expect((await remote.take(asked)).kind).toBe('taken')
    expect((await remote.take(asked)).kind).toBe('taken')
    expect((await remote.take(asked)).kind).toBe('refused')
  })

  it('a take whose answer comes too late is given back', async () => {
    const clock = turnedClock()
    const limiter = openRateLimiter(clock)
    const desk = openLimitDesk(limiter)
    const asked = sampleTake([concurrentRule(1)])
    const remote = openRemoteLimiter({
      // Admitted over there; the answer is lost on the way.
      ask: async (_verb, takes) => {
        if (takes !== undefined && 'takeId' in takes && 'rules' in takes) await desk.take(takes)
        throw new Error('no answer')
      },
      tell: (name, note) => {
        if (typeof note === 'object' && 'rule' in note) desk.learnRule(note)
        if (name === 'refund-limit' && typeof note === 'number') desk.refund(note)
      },
    })
    await expect(remote.take(asked)).rejects.toThrow('no answer')
    expect(limiter.open).toBe(0)
  })
})
