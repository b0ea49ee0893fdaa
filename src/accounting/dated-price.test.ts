import { describe, expect, it } from 'vitest'
import { datedPrice, readTimeOfDay, type Season } from './dated-price.ts'

const named = (reason: string, season?: Season) => ({ season, lookup: { kind: 'unpriced', reason } as const })
const nameAt = (price: ReturnType<typeof datedPrice>, iso: string): string => {
  const lookup = price.at(Date.parse(iso))
  return lookup.kind === 'unpriced' ? lookup.reason : 'priced'
}
const daily = (fromMs: number, untilMs: number): Season => ({ kind: 'daily', fromMs, untilMs })
const hourMs = 3_600_000

describe('a dated price', () => {
  const price = datedPrice([
    named('old'),
    named('new', { kind: 'from', fromMs: Date.parse('2026-08-17') }),
    named('peak', daily(6 * hourMs, 10 * hourMs)),
  ])

  it.each([
    ['2026-08-16T23:59:59.999Z', 'old'],
    ['2026-08-17T00:00:00.000Z', 'new'],
    ['2026-08-18T05:59:59.999Z', 'new'],
    ['2026-08-18T06:00:00.000Z', 'peak'],
    ['2026-08-18T09:59:59.999Z', 'peak'],
    ['2026-08-18T10:00:00.000Z', 'new'],
    // The last that applies wins, as the list orders them, whatever the others say.
    ['2026-08-01T07:00:00.000Z', 'peak'],
  ])('at %s is the %s one', (iso, name) => {
    expect(nameAt(price, iso)).toBe(name)
  })

  it('may hold over midnight', () => {
    const nightly = datedPrice([named('day'), named('night', daily(22 * hourMs, 6 * hourMs))])
    const at = (time: string): string => nameAt(nightly, `2026-01-01T${time}Z`)
    expect(['21:59:59', '22:00:00', '00:00:00', '05:59:59', '06:00:00'].map(at)).toEqual([
      'day',
      'night',
      'night',
      'night',
      'day',
    ])
  })

  it('whose season is over nowhere is the first', () => {
    const always = datedPrice([named('first', daily(0, hourMs)), named('second', daily(hourMs, 2 * hourMs))])
    expect(nameAt(always, '2026-01-01T12:00:00Z')).toBe('first')
  })

  it('that begins and ends at the same time never holds', () => {
    expect(nameAt(datedPrice([named('base'), named('never', daily(hourMs, hourMs))]), '2026-01-01T01:00:00Z')).toBe(
      'base',
    )
  })
})

describe('a time of day', () => {
  it.each([
    ['00:30:00Z', 1_800_000],
    ['16:30:00Z', 59_400_000],
    ['00:30:00+08:00', 59_400_000],
    ['23:00:00-02:00', 3_600_000],
    ['12:00:00.5Z', 43_200_500],
  ])('%s is read in UTC', (text, timeMs) => {
    expect(readTimeOfDay(text)).toBe(timeMs)
  })

  it.each(['', '24:61:00Z', '12:00Z', '12:00:00', 'noon', '12:00:00+99:00'])('"%s" is none', (text) => {
    expect(readTimeOfDay(text)).toBeUndefined()
  })
})
