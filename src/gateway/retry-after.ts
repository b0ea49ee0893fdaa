/** A provider that asks for more than this is taken to mean it has no idea. */
export const longestRestSeconds = 3_600

/** Reads `Retry-After`: seconds or an HTTP date (RFC 9110, 10.2.3). Garbage is `undefined`; long waits are cut to an hour. */
export function readRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined
  const text = value.trim()
  if (/^\d{1,9}(\.\d+)?$/.test(text)) return Math.min(Math.ceil(Number(text)), longestRestSeconds)
  // Only the shapes of HTTP dates: `Date.parse` alone would take almost anything.
  if (!/^[A-Z][a-z]{2,8},? \d{2}[ -][A-Z][a-z]{2}[ -]\d{2,4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return undefined
  const atMs = Date.parse(text)
  if (Number.isNaN(atMs)) return undefined
  return Math.min(Math.max(Math.ceil((atMs - nowMs) / 1000), 0), longestRestSeconds)
}
