import { describe, expect, it } from 'vitest'
import { turnedClock } from '../../test/turned-clock.ts'
import type { BooksCompared } from '../stores/ports/budget-accounts.ts'
import { lookEveryMs, lookLimits, openLedgerWatch } from './ledger-watch.ts'

const wholeRound: BooksCompared = { isRoundOver: true, differing: 0n }

describe('the watch over the ledger', () => {
  const openWatch = (looks: () => Promise<bigint>, steps: readonly BooksCompared[] = [wholeRound]) => {
    const clock = turnedClock()
    const logged: string[] = []
    const asked: (number | undefined)[] = []
    const left = [...steps]
    const accounts = { compare: async () => left.shift() ?? wholeRound }
    const ledger = {
      unexplained: (mostAccounts?: number) => {
        asked.push(mostAccounts)
        return looks()
      },
      state: () => ({ accounts: 3, holds: 2 }),
    }
    const log = { error: (_told: unknown, message: string) => void logged.push(message) }
    const watch = openLedgerWatch({ ledger, accounts, clock, log: log as never })
    return { clock, logged, asked, left, watch: watch.measure, close: watch.close }
  }

  it('I2: tells what cannot be explained, logs it as a bug, and looks at some accounts now and then only', async () => {
    const { clock, logged, asked, watch } = openWatch(async () => 7n)
    expect(await watch()).toEqual({ accounts: 3, holds: 2, unexplained: 7n })
    expect(await watch()).toMatchObject({ unexplained: 7n })
    clock.turn(lookLimits.restMs)
    await watch()
    expect(asked).toEqual([lookLimits.accounts, lookLimits.accounts])
    expect(logged).toHaveLength(2)
  })

  it('I2: looks at the start, whether or not anybody asks for metrics', async () => {
    const { promise, resolve } = Promise.withResolvers<bigint>()
    const { asked, watch } = openWatch(() => promise)
    expect(asked).toEqual([lookLimits.accounts])
    resolve(7n)
    expect(await watch()).toMatchObject({ unexplained: 7n })
    expect(asked).toHaveLength(1)
  })

  it('I2: looks now and again where nobody asks for metrics, one look at a time, and no more when it is closed', async () => {
    const { clock, asked, logged, watch, close } = openWatch(async () => 7n)
    await watch()
    for (const looks of [2, 3]) {
      clock.turn(lookEveryMs)
      await watch()
      expect([asked.length, logged.length]).toEqual([looks, looks])
    }
    // The looks of scrapes are looks: another one soon after is not needed.
    clock.turn(lookEveryMs - lookLimits.restMs / 2)
    await watch()
    clock.turn(lookLimits.restMs / 2)
    await watch()
    expect(asked).toHaveLength(4)
    await close()
    clock.turn(lookEveryMs * 3)
    expect(asked).toHaveLength(4)
    expect(clock.pendingTimers).toBe(0)
  })

  it('does not begin another look while one is under way', () => {
    const { clock, asked } = openWatch(() => new Promise(() => undefined))
    clock.turn(lookEveryMs * 3)
    expect(asked).toHaveLength(1)
  })

  it('I2: tells what differs in the store too, and goes through it in some steps at a time', async () => {
    const step = (differing: bigint | undefined) => ({ isRoundOver: false, differing })
    const first = Array.from({ length: lookLimits.steps }, () => step(undefined))
    const second = [step(undefined), { isRoundOver: true, differing: 5n }, step(5n)]
    const { clock, left, watch } = openWatch(async () => 2n, [...first, ...second])
    expect(await watch()).toMatchObject({ unexplained: 2n })
    expect(left).toEqual(second)
    clock.turn(lookLimits.restMs)
    expect(await watch()).toMatchObject({ unexplained: 7n })
    expect(left).toEqual([step(5n)])
  })

  it('holds up no scrape: a look that takes long is told at the next one', async () => {
    const { promise, resolve } = Promise.withResolvers<bigint>()
    const { clock, watch } = openWatch(() => promise)
    const scrape = watch()
    clock.turn(lookLimits.waitMs)
    expect(await scrape).toMatchObject({ unexplained: undefined })
    resolve(0n)
    expect(await watch()).toMatchObject({ unexplained: 0n })
  })

  it('says nothing of books that cannot be read', async () => {
    const { logged, watch } = openWatch(() => Promise.reject(new Error('no disk')))
    expect(await watch()).toMatchObject({ unexplained: undefined })
    expect(logged).toEqual(['the books of the budgets could not be compared with their records'])
  })
})
