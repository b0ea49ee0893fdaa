import type { ShownLimit, ShownLimits } from '../../dialect.ts'

/** OpenAI's rate limit headers (platform.openai.com, "Rate limits in headers", read 2026-08): input and output have none of their own. */
export function openAiLimits({ requests, tokens }: ShownLimits): readonly string[] {
  return [...headersOf('requests', requests), ...headersOf('tokens', tokens)]
}

function headersOf(unit: string, limit: ShownLimit | undefined): readonly string[] {
  if (!limit) return []
  return [
    `x-ratelimit-limit-${unit}`,
    String(limit.most),
    `x-ratelimit-remaining-${unit}`,
    String(limit.remaining),
    `x-ratelimit-reset-${unit}`,
    durationText(limit.resetMs),
  ]
}

/** As OpenAI writes durations: `120ms`, `8.64s`, `6m0s`, `1h0m0s`. */
export function durationText(durationMs: number): string {
  if (durationMs < 1000) return `${durationMs}ms`
  const hours = Math.floor(durationMs / 3_600_000)
  const minutes = Math.floor(durationMs / 60_000) % 60
  const seconds = `${(durationMs % 60_000) / 1000}s`
  if (hours > 0) return `${hours}h${minutes}m${seconds}`
  return minutes > 0 ? `${minutes}m${seconds}` : seconds
}
