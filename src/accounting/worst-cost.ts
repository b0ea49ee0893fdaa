import type { Nanos } from '../canonical/money.ts'
import { noUsage, type Usage, type UsageComponent } from '../canonical/usage.ts'
import type { RatedPrice } from './rated-price.ts'

/** What a call may use at most, and of which kinds. */
export interface WorstUsage {
  readonly inputTokens: number
  readonly outputTokens: number
  /** Kinds of input the call can have beside plain text: audio, pictures, either from a prompt cache, writing to one. */
  readonly inputKinds: readonly Extract<UsageComponent, InputMedium | CacheWrite>[]
  readonly outputKinds: readonly Extract<UsageComponent, 'outputAudio' | 'outputImage'>[]
  readonly webSearches: number
  /** What comes on top, whatever its text comes to: units of its operation, and tokens that no output cap bounds. */
  readonly besides?: Partial<Usage> | undefined
}

type InputMedium = 'inputAudio' | 'inputImage' | 'cacheReadAudio' | 'cacheReadImage'
type CacheWrite = 'cacheWrite5m' | 'cacheWrite1h' | 'cacheWriteOther'

/**
 * The most that such a call can cost, in nano-dollars, rounded up (ledger.md C4): every token at the dearest rate of its
 * side, in the dearest band that the input can reach. Since bands only rise (`fallingBand`), no smaller use costs more.
 */
export function worstCostOf(price: Pick<RatedPrice, 'costOf' | 'bands'>, worst: WorstUsage): Nanos {
  return price.costOf(worstUsageOf(price, worst))
}

/** What is charged then: all input of the dearest kind that it can be, all output likewise. */
export function worstUsageOf({ bands }: Pick<RatedPrice, 'bands'>, worst: WorstUsage): Usage {
  const rates = bands.findLast(({ inputOver }) => worst.inputTokens > inputOver)?.rates ?? bands[0].rates
  const dearest = <Kind extends UsageComponent>(first: Kind, others: readonly Kind[]): Kind =>
    others.reduce((most, kind) => (rates[kind] > rates[most] ? kind : most), first)
  const input: UsageComponent = dearest<UsageComponent>('inputUncached', ['cacheRead', ...worst.inputKinds])
  const output: UsageComponent = dearest<UsageComponent>('outputText', ['outputReasoning', ...worst.outputKinds])
  const besides: Usage = { ...noUsage, ...worst.besides }
  return {
    ...besides,
    [input]: besides[input] + worst.inputTokens,
    [output]: besides[output] + worst.outputTokens,
    webSearches: besides.webSearches + worst.webSearches,
  }
}
