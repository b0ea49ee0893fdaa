import type { Behaviour } from './behaviour.ts'
import { randomFrom } from './seeded.ts'

export type Speed = 'realistic' | 'instant'

/** When the parts of one answer come. Zero: at once. */
export interface Pace {
  readonly delayMs: number
  /** Before the next token. */
  nextTokenMs(): number
}

const firstTokenMs = 200
const tokenMs = 20

/** What the caller asked for stands; the rest is as a model would do it, or at once. */
export function paceOf(speed: Speed, behaviour: Behaviour, seed: number): Pace {
  const random = randomFrom(seed)
  const usual = speed === 'realistic' ? { first: firstTokenMs, next: tokenMs } : { first: 0, next: 0 }
  let hasBegun = false
  return {
    delayMs: behaviour.delayMs ?? 0,
    nextTokenMs: () => {
      const isFirst = !hasBegun
      hasBegun = true
      if (isFirst) return behaviour.firstTokenMs ?? usual.first
      // Tokens come unevenly: half to one and a half times the mean.
      return behaviour.tokenMs ?? usual.next * (0.5 + random())
    },
  }
}
