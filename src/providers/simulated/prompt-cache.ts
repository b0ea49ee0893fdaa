import { createHash } from 'node:crypto'
import type { Clock } from '../../canonical/clock.ts'
import type { PromptPart } from './question.ts'

/** The input of one call, in components that do not overlap. */
export interface InputCount {
  readonly uncached: number
  readonly cacheRead: number
  readonly cacheWrite5m: number
  readonly cacheWrite1h: number
}

export interface PromptCache {
  /** Counts a prompt, and remembers it up to its marks: what is written the first time is read the next. */
  count(modelName: string, prompt: readonly PromptPart[]): InputCount
}

/** Prompts remembered; the oldest are forgotten. */
const rememberedLimit = 10_000
const lifetimeMs = { '5m': 5 * 60_000, '1h': 60 * 60_000 } as const

export function openPromptCache(clock: Clock): PromptCache {
  const expiries = new Map<string, number>()
  return {
    count: (modelName, prompt) => {
      const nowMs = clock.monotonicMs()
      const hash = createHash('sha256').update(`${modelName}\0`)
      const count = { uncached: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 }
      /** Tokens since the last mark. */
      let pending = 0
      for (const part of prompt) {
        hash.update(`${part.text}\0`)
        pending += part.tokens
        if (part.cache === undefined) continue
        const key = hash.copy().digest('base64')
        if ((expiries.get(key) ?? 0) > nowMs) {
          // Everything before a mark that is found was cached with it, even where an earlier mark was not.
          count.cacheRead += pending + count.cacheWrite5m + count.cacheWrite1h
          count.cacheWrite5m = 0
          count.cacheWrite1h = 0
        } else if (part.cache === '5m') count.cacheWrite5m += pending
        else count.cacheWrite1h += pending
        pending = 0
        expiries.delete(key)
        expiries.set(key, nowMs + lifetimeMs[part.cache])
      }
      for (const key of expiries.keys()) {
        if (expiries.size <= rememberedLimit) break
        expiries.delete(key)
      }
      return { ...count, uncached: pending }
    },
  }
}
