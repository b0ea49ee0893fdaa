import type { RatedLookup } from './rated-price.ts'

const dayMs = 86_400_000

/** When a price is in force. */
export type Season =
  /** From this moment on. */
  | { readonly kind: 'from'; readonly fromMs: number }
  /** On every day, in milliseconds since midnight UTC; `untilMs` is exclusive. Where it is before `fromMs`, over midnight. */
  | { readonly kind: 'daily'; readonly fromMs: number; readonly untilMs: number }

export interface SeasonalPrice {
  /** `undefined`: always. */
  readonly season: Season | undefined
  readonly lookup: RatedLookup
}

/** A price that may differ by date and hour. */
export interface DatedPrice {
  readonly seasons: readonly [SeasonalPrice, ...SeasonalPrice[]]
  /** A few comparisons, so that nothing need be remembered of the hour, and late calls find the price of their own time. */
  at(atMs: number): RatedLookup
}

/** Of several prices the last whose season it is applies, and where it is nobody's season, the first. */
export function datedPrice(seasons: readonly [SeasonalPrice, ...SeasonalPrice[]]): DatedPrice {
  const [first] = seasons
  if (seasons.length === 1) return { seasons, at: () => first.lookup }
  const latestFirst = seasons.toReversed()
  return {
    seasons,
    at: (atMs) => (latestFirst.find(({ season }) => season === undefined || isIn(season, atMs)) ?? first).lookup,
  }
}

export function alwaysPriced(lookup: RatedLookup): DatedPrice {
  return datedPrice([{ season: undefined, lookup }])
}

function isIn(season: Season, atMs: number): boolean {
  if (season.kind === 'from') return atMs >= season.fromMs
  const { fromMs, untilMs } = season
  const timeOfDayMs = ((atMs % dayMs) + dayMs) % dayMs
  return untilMs < fromMs
    ? timeOfDayMs >= fromMs || timeOfDayMs < untilMs
    : timeOfDayMs >= fromMs && timeOfDayMs < untilMs
}

/**
 * Reads a time of day with its offset, such as `16:30:00Z` or `09:00:00+08:00`.
 * @returns milliseconds since midnight UTC; `undefined` when it is none.
 */
export function readTimeOfDay(text: string): number | undefined {
  const atMs = /^\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:\d\d)$/.test(text)
    ? Date.parse(`1970-01-01T${text}`)
    : Number.NaN
  return Number.isNaN(atMs) ? undefined : (atMs + dayMs) % dayMs
}
