import { describe, expect, it } from 'vitest'
import { turnedClock } from '../../test/turned-clock.ts'
import { lookLimits, openLedgerWatch } from './ledger-watch.ts'

describe('the watch over the ledger', () => {
  const openWatch = (looks: () => Promise<bigint>) => {
    const clock = turnedClock()
    const logged: string[] = []
    const asked: (number | undefined)[] = []
    const ledger = {
      unexplained: (mostAccounts?: number) => {
        asked.push(mostAccounts)
        return looks()
      },
      state: () => ({ accounts: 3, holds: 2 }),
    }
    const log = { error: (_told: unknown, message: string) => void logged.push(message) }
    return { clock, logged, asked, watch: openLedgerWatch(ledger, clock, log as never) }
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
