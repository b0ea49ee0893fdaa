/** To microseconds: what the difference of two readings of a clock has beyond them is the noise of doubles. */
export function roundedMs(ms: number): number {
  return Math.round(ms * 1_000) / 1_000
}
