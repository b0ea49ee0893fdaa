import type { ShownLimit, ShownLimits } from '../dialect.ts'

/** Anthropic's rate limit headers (docs.anthropic.com, "Rate limits: response headers", read 2026-08). */
export function writeLimits(limits: ShownLimits, nowMs: number): readonly string[] {
  return [
    ...headersOf('requests', limits.requests, nowMs),
    ...headersOf('tokens', limits.tokens, nowMs),
    ...headersOf('input-tokens', limits.inputTokens, nowMs),
    ...headersOf('output-tokens', limits.outputTokens, nowMs),
  ]
}

function headersOf(unit: string, limit: ShownLimit | undefined, nowMs: number): readonly string[] {
  if (!limit) return []
  return [
    `anthropic-ratelimit-${unit}-limit`,
    String(limit.most),
    `anthropic-ratelimit-${unit}-remaining`,
    String(limit.remaining),
    `anthropic-ratelimit-${unit}-reset`,
    // Whole seconds, rounded up: a client that comes back then finds it so.
    `${new Date(Math.ceil((nowMs + limit.resetMs) / 1000) * 1000).toISOString().slice(0, 19)}Z`,
  ]
}
