import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dividedUp, rateOfNumber, rateOfText, writeRate } from './rates.ts'

const attosPerUsd = 10n ** 18n

describe('a rate', () => {
  it.each([
    [2.5, 2_500_000_000_000_000_000n],
    [0.003625, 3_625_000_000_000_000n],
    // 0.1 is no double; its shortest text is what the list's author wrote.
    [0.1, 100_000_000_000_000_000n],
    [0.08333333333333334, 83_333_333_333_333_340n],
    [0.18000000000000002, 180_000_000_000_000_020n],
    [5e-7, 500_000_000_000n],
    [1.5e-10, 150_000_000n],
    [0, 0n],
    [150, 150n * attosPerUsd],
    [1e21, 10n ** 39n],
  ])('of %d USD is exact (M16)', (usd, rate) => {
    expect(rateOfNumber(usd)).toBe(rate)
  })

  it('rounds up what lies beyond its eighteenth place', () => {
    expect(rateOfNumber(1 / 3000)).toBe(333_333_333_333_334n)
    expect(rateOfNumber(1e-19)).toBe(1n)
  })

  it('of calls is for a million of them, as all rates are', () => {
    expect(rateOfNumber(10, 1_000)).toBe(10_000n * attosPerUsd)
    expect(rateOfText('0.01', 1)).toBe(10_000n * attosPerUsd)
  })

  it.each([Number.NaN, Infinity, -1, -0.5])('is never made of %d', (usd) => {
    expect(() => rateOfNumber(usd)).toThrow(RangeError)
  })

  it.each(['', '-1', '1e3', '1,5', '.5', '0x1', '1.', ' 1', '1.0000000000000000001'])(
    'is not read from the text "%s"',
    (usd) => {
      expect(rateOfText(usd)).toBeUndefined()
    },
  )

  it('reads the same from a number as from its text', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000_000 }), fc.integer({ min: 0, max: 9 }), (digits, places) => {
        const usd = (digits / 10 ** places).toFixed(places)
        expect(rateOfText(usd)).toBe(rateOfNumber(Number(usd)))
      }),
    )
  })

  it.each([
    ['2.5', '2.5'],
    ['10', '10'],
    ['0.000000000001', '0.000000000001'],
    ['0', '0'],
  ])('of %s is written %s', (usd, written) => {
    expect(writeRate(rateOfText(usd) ?? -1n)).toBe(written)
  })
})

describe('division of money', () => {
  it('rounds up, and only when something is left over', () => {
    expect([0n, 1n, 9n, 10n, 11n].map((amount) => dividedUp(amount, 10n))).toEqual([0n, 1n, 1n, 1n, 2n])
  })
})
