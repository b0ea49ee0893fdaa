const units = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const

/** Reads `6m0s`, `1.5s`, `20ms` (OpenAI and Google, read 2026-11). @returns milliseconds, with fractions; `undefined` for all else. */
export function readDuration(text: string): number | undefined {
  if (!/^(\d{1,9}(\.\d{1,9})?(ms|d|h|m|s)){1,5}$/.test(text)) return undefined
  let sumMs = 0
  for (const [, count, , unit] of text.matchAll(/(\d+(\.\d+)?)(ms|d|h|m|s)/g))
    sumMs += Number(count) * units[unit as keyof typeof units]
  return sumMs
}
