import { describe, expect, it } from 'vitest'
import type { Price } from '../../accounting/price.ts'
import { noUsage } from '../../canonical/usage.ts'
import { BatchTally } from './batch-tally.ts'

/** A nano-dollar a token, and ten in a call of more than a hundred. */
const price: Price = {
  version: 'made up',
  covers: () => true,
  costOf: ({ inputUncached }) => BigInt(inputUncached * (inputUncached > 100 ? 10 : 1)),
  ratesOf: () => ({}),
}
const used = (inputUncached: number) => ({ ...noUsage, inputUncached })

describe('what the calls of a batch used', () => {
  it('M12: is priced call by call, and not as one call of the sum', () => {
    const tally = new BatchTally(() => price)
    for (const tokens of [100, 60, 200]) tally.add(used(tokens), 'm')
    expect([tally.usage.inputUncached, tally.costNanos, tally.responseModel]).toEqual([360, 160n + 2_000n, 'm'])
  })

  it('M12: where only the sum is known, is priced as calls of the same length', () => {
    const tally = new BatchTally(() => price)
    tally.add(used(303), undefined, undefined, 4)
    expect([tally.usage.inputUncached, tally.costNanos]).toEqual([303, 303n])
  })

  it('M10: costs nobody knows what where some of it has no price, and nothing where nothing was used', () => {
    const tally = new BatchTally((model) => (model === 'm' ? price : undefined))
    tally.add(noUsage, 'other')
    expect(tally.costNanos).toBe(0n)
    tally.add(used(10), 'm')
    expect(tally.costNanos).toBe(10n)
    tally.add(used(10), 'other')
    expect([tally.usage.inputUncached, tally.costNanos]).toEqual([20, undefined])
  })

  it('I17: has the version and the rates of its price, where that was one', () => {
    const priced = (version: string): Price => ({
      ...price,
      version,
      ratesOf: ({ inputUncached }) => ({ inputUncached: inputUncached > 100 ? '0.01' : '0.001' }),
    })
    const tally = new BatchTally((model, service) => priced(`${model} ${service ?? ''}`))
    expect(tally.price).toBeUndefined()
    for (const tokens of [50, 60]) tally.add(used(tokens), 'm')
    expect([tally.price?.version, tally.price?.ratesOf(tally.usage)]).toEqual(['m ', { inputUncached: '0.001' }])
    for (const tokens of [200, 50]) tally.add(used(tokens), 'm')
    expect([tally.price?.version, tally.price?.ratesOf(tally.usage)]).toEqual(['m ', {}])
    tally.add(used(5), 'm', 'geo:us')
    expect(tally.price).toBeUndefined()
  })

  it('M10: counts what several models used together, at no price', () => {
    const tally = new BatchTally(() => price)
    tally.addMixed(used(10), 'm')
    tally.add(used(5), 'm')
    expect([tally.usage.inputUncached, tally.costNanos, tally.responseModel]).toEqual([15, undefined, 'm'])
  })
})
