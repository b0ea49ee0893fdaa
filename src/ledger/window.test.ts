import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { budgetPeriods } from '../canonical/budget.ts'
import { windowAt, Windows, type WindowRule } from './window.ts'

const zones = Intl.supportedValuesOf('timeZone')
const anyRule = fc.record({ per: fc.constantFrom(...budgetPeriods), timezone: fc.constantFrom(...zones) })
const anyMoment = fc.integer({ min: Date.UTC(1975, 0, 1), max: Date.UTC(2099, 11, 31) })

describe('windows of a budget (M15)', () => {
  it('cover all of time without gap or overlap, in every zone', () => {
    fc.assert(
      fc.property(anyRule, anyMoment, (rule, atMs) => {
        const window = windowAt(rule, atMs)
        expect(window.startMs).toBeLessThanOrEqual(atMs)
        if (window.endMs === undefined) return
        expect(atMs).toBeLessThan(window.endMs)
        const last = windowAt(rule, window.endMs - 1)
        expect(last).toEqual(window)
        const next = windowAt(rule, window.endMs)
        expect(next.startMs).toBe(window.endMs)
        expect(next.id > window.id).toBe(true)
      }),
      { numRuns: 3_000 },
    )
  })

  it('hold at every hour of the days on which clocks are moved, over midnight too', () => {
    // In St John's clocks went back at 00:01 to 23:01; in São Paulo midnight was skipped; Lord Howe moves half an hour; Samoa
    // left out a day.
    const days: readonly (readonly [string, number])[] = [
      ['America/St_Johns', Date.UTC(2006, 9, 29)],
      ['America/Sao_Paulo', Date.UTC(2018, 10, 4)],
      ['Australia/Lord_Howe', Date.UTC(2026, 3, 4)],
      ['Pacific/Apia', Date.UTC(2011, 11, 30)],
      ['Europe/Berlin', Date.UTC(2026, 9, 25)],
      ['Europe/Berlin', Date.UTC(2028, 1, 29)],
    ]
    for (const [timezone, dayMs] of days)
      for (const per of budgetPeriods) {
        let before = windowAt({ per, timezone }, dayMs - 36 * 3_600_000)
        for (let atMs = dayMs - 36 * 3_600_000; atMs < dayMs + 36 * 3_600_000; atMs += 7 * 60_000) {
          const window = windowAt({ per, timezone }, atMs)
          expect(window.id >= before.id, `${timezone} ${per} ${new Date(atMs).toISOString()}`).toBe(true)
          if (window.id !== before.id) expect(window.startMs).toBe(before.endMs)
          else expect(window).toEqual(before)
          before = window
        }
      }
  })

  it.each([
    ['hour', 'Asia/Kolkata', '2026-11-29T10:20:00Z', '2026-11-29T10Z', '2026-11-29T10:00:00.000Z'],
    ['day', 'Europe/Berlin', '2026-11-28T23:30:00Z', '2026-11-29', '2026-11-28T23:00:00.000Z'],
    ['week', 'UTC', '2027-01-02T12:00:00Z', '2026-W53', '2026-12-28T00:00:00.000Z'],
    ['month', 'Asia/Tokyo', '2026-11-30T15:00:00Z', '2026-12', '2026-11-30T15:00:00.000Z'],
    ['quarter', 'UTC', '2026-12-31T23:59:59Z', '2026-Q4', '2026-10-01T00:00:00.000Z'],
    ['year', 'America/New_York', '2027-01-01T04:59:59Z', '2026', '2026-01-01T05:00:00.000Z'],
  ] as const)('names the %s in %s', (per, timezone, at, id, start) => {
    const window = windowAt({ per, timezone } satisfies WindowRule, Date.parse(at))
    expect(window.id).toBe(id)
    expect(new Date(window.startMs).toISOString()).toBe(start)
  })
})

describe('windows that are remembered', () => {
  it('are the same as those worked out anew, for rules and moments in any order', () => {
    const rules: readonly WindowRule[] = [
      { per: 'total', timezone: 'UTC' },
      { per: 'hour', timezone: 'UTC' },
      { per: 'day', timezone: 'Europe/Berlin' },
      { per: 'day', timezone: 'America/New_York' },
      { per: 'month', timezone: 'Europe/Berlin' },
    ]
    const hourMs = 3_600_000
    // Whole hours are where windows begin and end.
    const atMs = fc.oneof(
      fc.integer({ min: 1_793_000_000_000, max: 1_799_000_000_000 }),
      fc.integer({ min: 498_000, max: 498_100 }).map((hours) => hours * hourMs),
      fc.integer({ min: 498_000, max: 498_100 }).map((hours) => hours * hourMs - 1),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...rules), atMs), { maxLength: 40 }), (asks) => {
        const windows = new Windows()
        for (const [rule, moment] of asks) expect(windows.at(rule, moment)).toEqual(windowAt(rule, moment))
      }),
    )
  })

  it('are the very same while they last', () => {
    const windows = new Windows()
    const rule = { per: 'day', timezone: 'UTC' } as const
    const noonMs = Date.UTC(2026, 10, 29, 12)
    expect(windows.at(rule, noonMs)).toBe(windows.at({ ...rule }, noonMs + 1))
  })
})
