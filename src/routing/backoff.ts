/** Doubled at each wait of one exchange, up to the second. */
const firstJitterMs = 250
const longestJitterMs = 2_000

/**
 * How long to wait before the same target is tried again: as long as the provider asked for, and a random while more that
 * grows each time, so that calls refused together do not come back together.
 * @param waits how often this exchange has waited already.
 * @param random uniform in [0, 1).
 */
export function waitBeforeRetryMs(toldMs: number, waits: number, random: () => number): number {
  return toldMs + random() * Math.min(firstJitterMs * 2 ** Math.min(waits, 16), longestJitterMs)
}
