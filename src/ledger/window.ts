import type { BudgetPeriod } from '../canonical/budget.ts'

/**
 * The windows of a budget. A window is a pure function of the rule and the moment: nothing is ever reset, a new window is
 * a new account (ledger.md C1; failures.md M15, where reset jobs ran hours late or twice).
 */
export interface WindowRule {
  readonly per: BudgetPeriod
  /** IANA name, such as `Europe/Berlin`: days, weeks, months, quarters and years begin at midnight there. */
  readonly timezone: string
}

/** One period of a budget, in wall time. */
export interface Window {
  /** Unique among the windows of one rule, and in the order of time: `2026-11-29`, `2026-W48`, `2026-Q4`, `total`. */
  readonly id: string
  readonly startMs: number
  /** Exclusive. `undefined`: it never ends. */
  readonly endMs: number | undefined
}

/**
 * The window that a moment lies in. The windows of a rule cover all of time without gap or overlap, through changes of
 * the clock too: a window begins at the first midnight of its first day, and lasts until the next one begins.
 * @throws RangeError for a time zone that does not exist.
 */
export function windowAt(rule: WindowRule, atMs: number): Window {
  if (rule.per === 'total') return { id: 'total', startMs: -Infinity, endMs: undefined }
  // Hours are those of UTC: local ones are of uneven length where clocks are moved by half an hour.
  if (rule.per === 'hour') return hourAt(atMs)
  const calendar = calendars[rule.per]
  const today = Temporal.Instant.fromEpochMilliseconds(Math.floor(atMs)).toZonedDateTimeISO(rule.timezone).toPlainDate()
  const first = calendar.first(today)
  const next = calendar.next(first)
  const nextMs = midnightMs(next, rule.timezone)
  // Where clocks go back over midnight, the evening comes twice; the second one is in the new window already.
  if (nextMs <= atMs)
    return {
      id: calendar.id(next),
      startMs: nextMs,
      endMs: midnightMs(calendar.next(next), rule.timezone),
    }
  return { id: calendar.id(first), startMs: midnightMs(first, rule.timezone), endMs: nextMs }
}

/** Remembers the last window of each kind of rule: a call asks for the same one as the call before it. */
export class Windows {
  readonly #last = new Map<string, Window>()

  at({ per, timezone }: WindowRule, atMs: number): Window {
    const kind = `${per} ${timezone}`
    const last = this.#last.get(kind)
    if (last && last.startMs <= atMs && (last.endMs === undefined || atMs < last.endMs)) return last
    const window = windowAt({ per, timezone }, atMs)
    this.#last.set(kind, window)
    return window
  }
}

const hourMs = 3_600_000

function hourAt(atMs: number): Window {
  const startMs = Math.floor(atMs / hourMs) * hourMs
  return { id: `${new Date(startMs).toISOString().slice(0, 13)}Z`, startMs, endMs: startMs + hourMs }
}

/** The first midnight of a day; where clocks skip it, the first moment of the day. */
function midnightMs(day: Temporal.PlainDate, timezone: string): number {
  return day.toZonedDateTime(timezone).epochMilliseconds
}

interface Calendar {
  /** The first day of the window that a day lies in. */
  first(day: Temporal.PlainDate): Temporal.PlainDate
  /** The first day of the window after it. */
  next(first: Temporal.PlainDate): Temporal.PlainDate
  id(first: Temporal.PlainDate): string
}

const twoDigits = (number: number): string => String(number).padStart(2, '0')
const quarterOf = (day: Temporal.PlainDate): number => Math.ceil(day.month / 3)

const calendars: Readonly<Record<Exclude<BudgetPeriod, 'total' | 'hour'>, Calendar>> = {
  day: {
    first: (day) => day,
    next: (first) => first.add({ days: 1 }),
    id: (first) => first.toString(),
  },
  // ISO 8601: weeks begin on Monday.
  week: {
    first: (day) => day.subtract({ days: day.dayOfWeek - 1 }),
    next: (first) => first.add({ weeks: 1 }),
    id: (first) => `${first.yearOfWeek}-W${twoDigits(first.weekOfYear ?? 0)}`,
  },
  month: {
    first: (day) => day.with({ day: 1 }),
    next: (first) => first.add({ months: 1 }),
    id: (first) => `${first.year}-${twoDigits(first.month)}`,
  },
  quarter: {
    first: (day) => day.with({ day: 1, month: quarterOf(day) * 3 - 2 }),
    next: (first) => first.add({ months: 3 }),
    id: (first) => `${first.year}-Q${quarterOf(first)}`,
  },
  year: {
    first: (day) => day.with({ day: 1, month: 1 }),
    next: (first) => first.add({ years: 1 }),
    id: (first) => String(first.year),
  },
}
