import { readDuration } from '../canonical/duration.ts'
import { longestRestSeconds, readRetryAfter } from './retry-after.ts'

/** What a provider's headers say of how long it wants to be left alone, in milliseconds. */
export interface AskedRest {
  /** `Retry-After`. `undefined`: it did not say, or nonsense. */
  readonly retryAfterMs: number | undefined
  /** Until a used-up limit is there again: nothing remains of it now. `undefined`: no limit is known to be used up. */
  readonly limitMs: number | undefined
}

/** Pairs of headers: what remains, and when it is there again. OpenAI's kind tells a duration, Anthropic's a moment. */
const limits = [
  ['x-ratelimit-remaining-requests', 'x-ratelimit-reset-requests'],
  ['x-ratelimit-remaining-tokens', 'x-ratelimit-reset-tokens'],
  ['anthropic-ratelimit-requests-remaining', 'anthropic-ratelimit-requests-reset'],
  ['anthropic-ratelimit-tokens-remaining', 'anthropic-ratelimit-tokens-reset'],
  ['anthropic-ratelimit-input-tokens-remaining', 'anthropic-ratelimit-input-tokens-reset'],
  ['anthropic-ratelimit-output-tokens-remaining', 'anthropic-ratelimit-output-tokens-reset'],
] as const

const nothing: AskedRest = { retryAfterMs: undefined, limitMs: undefined }

/**
 * Reads `Retry-After` and the rate-limit headers of a provider's answer. Nonsense is as if it were not there; a wait of more
 * than an hour is taken for an hour.
 * @param nowMs wall time.
 */
export function readAskedRest(header: (name: string) => string | undefined, nowMs: number): AskedRest {
  const retryAfterSeconds = readRetryAfter(header('retry-after'), nowMs)
  let limitMs: number | undefined
  for (const [remaining, reset] of limits) {
    if (header(remaining)?.trim() !== '0') continue
    const waitMs = readReset(header(reset), nowMs)
    if (waitMs !== undefined) limitMs = Math.max(limitMs ?? 0, waitMs)
  }
  if (retryAfterSeconds === undefined && limitMs === undefined) return nothing
  return { retryAfterMs: retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1_000, limitMs }
}

/** `6m0s`, `1.5s`, `20ms` (OpenAI, read 2026-11), plain seconds (its imitators), or an RFC 3339 moment (Anthropic). */
function readReset(value: string | undefined, nowMs: number): number | undefined {
  const text = value?.trim() ?? ''
  const seconds = /^\d{1,9}(\.\d{1,9})?$/.test(text) ? Number(text) : undefined
  const waitMs = seconds === undefined ? (readDuration(text) ?? readMoment(text, nowMs)) : seconds * 1_000
  return waitMs === undefined ? undefined : Math.min(Math.max(Math.ceil(waitMs), 0), longestRestSeconds * 1_000)
}

function readMoment(text: string, nowMs: number): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/.test(text)) return undefined
  const atMs = Date.parse(text)
  return Number.isNaN(atMs) ? undefined : atMs - nowMs
}
