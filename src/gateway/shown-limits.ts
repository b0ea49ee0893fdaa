import type { LimitDecision } from '../canonical/limit.ts'
import type { ShownLimit, ShownLimits } from '../dialects/dialect.ts'

/** Of the limits of each kind the one that leaves least: there is room in a header for one. */
export function shownLimits({ asks, states }: LimitDecision): ShownLimits {
  const shown: { -readonly [Unit in keyof ShownLimits]: ShownLimit | undefined } = {
    requests: undefined,
    tokens: undefined,
    inputTokens: undefined,
    outputTokens: undefined,
  }
  for (const [place, { rule }] of asks.entries()) {
    const state = states[place]
    if (!state || rule.unit === 'concurrent') continue
    const remaining = Math.max(0, rule.most - state.after)
    const tightest = shown[rule.unit]
    if (
      !tightest ||
      remaining < tightest.remaining ||
      (remaining === tightest.remaining && state.resetMs > tightest.resetMs)
    )
      shown[rule.unit] = { most: rule.most, remaining, resetMs: state.resetMs }
  }
  return shown
}
