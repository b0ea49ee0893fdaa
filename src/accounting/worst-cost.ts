import type { Nanos } from '../canonical/money.ts'
import type { UsageComponent } from '../canonical/usage.ts'
import { dividedUp, ratedPerNano, type Rate } from './rates.ts'
import type { RatedPrice } from './rated-price.ts'

/** What a call may use at most, and of which kinds. */
export interface WorstUsage {
  readonly inputTokens: number
  readonly outputTokens: number
  /** Kinds of input the call can have beside plain text: audio, pictures, writing to a prompt cache. */
  readonly inputKinds: readonly Extract<UsageComponent, 'inputAudio' | 'inputImage' | CacheWrite>[]
  readonly outputKinds: readonly Extract<UsageComponent, 'outputAudio' | 'outputImage'>[]
  readonly webSearches: number
}

type CacheWrite = 'cacheWrite5m' | 'cacheWrite1h' | 'cacheWriteOther'

/**
 * The most that such a call can cost, in nano-dollars, rounded up (ledger.md C4): every token at the dearest rate of its
 * side, in the dearest band that the input can reach. Since bands only rise (`fallingBand`), no smaller use costs more.
 */
export function worstCostOf(price: RatedPrice, worst: WorstUsage): Nanos {
  const input: readonly UsageComponent[] = ['inputUncached', 'cacheRead', ...worst.inputKinds]
  const output: readonly UsageComponent[] = ['outputText', 'outputReasoning', ...worst.outputKinds]
  let most = 0n
  for (const { inputOver, rates } of price.bands) {
    if (worst.inputTokens <= inputOver) continue
    const dearest = (kinds: readonly UsageComponent[]): Rate =>
      kinds.reduce((most, kind) => (rates[kind] > most ? rates[kind] : most), 0n)
    const cost =
      BigInt(worst.inputTokens) * dearest(input) +
      BigInt(worst.outputTokens) * dearest(output) +
      BigInt(worst.webSearches) * rates.webSearches
    if (cost > most) most = cost
  }
  return dividedUp(most + price.requestFee, ratedPerNano)
}
