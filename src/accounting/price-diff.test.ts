import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PriceRow } from '../config/price-row.ts'
import { priceDifference } from './price-diff.ts'
import { openRowShelf } from './price-rows.ts'

const price = (row: PriceRow) => openRowShelf('config', { p: { m: row } }).find('p', ['m'], 0)?.price
const usd = (text: string): bigint => BigInt(text) * 10n ** 18n

describe('the difference of two prices', () => {
  it('is none where all rates are the same', () => {
    expect(priceDifference(price({ input: '1', output: '2' }), price({ input: '1.0', output: '2' }))).toBeUndefined()
    expect(priceDifference(undefined, undefined)).toBeUndefined()
  })

  it('is a model that is new or gone', () => {
    expect(priceDifference(undefined, price({ input: '1', output: '2' }))?.kind).toBe('new')
    expect(priceDifference(price({ input: '1', output: '2' }), undefined)?.kind).toBe('gone')
  })

  it('is told by rate, in per cent; what is charged as input, output or any cached token is not told again', () => {
    const before = price({ input: '4', output: '10', cacheRead: '1' })
    expect(priceDifference(before, price({ input: '3', output: '10', cacheRead: '1' }))).toEqual({
      kind: 'cheaper',
      rates: [
        {
          component: 'inputUncached',
          inputOver: undefined,
          before: usd('4'),
          after: usd('3'),
          percent: -25,
          isJump: false,
        },
      ],
    })
    expect(priceDifference(before, price({ input: '3', output: '11', cacheRead: '1' }))?.kind).toBe('mixed')
    expect(priceDifference(before, price({ input: '4', output: '10', cacheRead: '2' }))?.rates).toMatchObject([
      { component: 'cacheRead', percent: 100 },
    ])
    const withSounds = price({ input: '4', output: '10', cacheRead: '1', cacheReadAudio: '2' })
    expect(priceDifference(before, withSounds)?.rates).toMatchObject([{ component: 'cacheReadAudio', percent: 100 }])
  })

  it('marks what is more than tenfold, and what was free', () => {
    const jumps = (input: string, other: string) =>
      priceDifference(price({ input, output: '1' }), price({ input: other, output: '1' }))?.rates.map(
        (rate) => rate.isJump,
      )
    expect(jumps('1', '10')).toEqual([false])
    expect(jumps('1', '10.1')).toEqual([true])
    expect(jumps('1', '0.09')).toEqual([true])
    expect(jumps('0', '1')).toEqual([true])
    expect(
      priceDifference(price({ input: '0', output: '1' }), price({ input: '1', output: '1' }))?.rates,
    ).toMatchObject([{ percent: undefined }])
  })

  it('sees a border that only one of them has', () => {
    const tiers = [{ contextOver: 200_000, rates: { input: '2' } }]
    expect(
      priceDifference(price({ input: '1', output: '2' }), price({ input: '1', output: '2', tiers })),
    ).toMatchObject({
      kind: 'dearer',
      rates: [{ component: 'inputUncached', inputOver: 200_000, percent: 100 }],
    })
  })

  it('the other way round is the opposite', () => {
    const amount = fc.integer({ min: 0, max: 30 }).map(String)
    const row = fc.record({ input: amount, output: amount, cacheRead: fc.option(amount, { nil: undefined }) })
    const opposite = { dearer: 'cheaper', cheaper: 'dearer', mixed: 'mixed', new: 'gone', gone: 'new' } as const
    fc.assert(
      fc.property(row, row, (one, other) => {
        const there = priceDifference(price(one), price(other))
        const back = priceDifference(price(other), price(one))
        expect(back?.kind).toBe(there && opposite[there.kind])
        expect(back?.rates.map(({ before, after }) => [after, before])).toEqual(
          there?.rates.map(({ before, after }) => [before, after]),
        )
      }),
    )
  })
})
