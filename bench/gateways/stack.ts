import type { Cores, Tools } from '../tools.ts'

/** Something that stands between the generator and the fake provider, and is measured. */
export interface Stack {
  readonly name: string
  start(place: Place): Promise<RunningStack>
}

/** Where one measurement takes place. Everything in it is new. */
export interface Place {
  readonly tools: Tools
  readonly dir: string
  readonly providerPort: number
  readonly cores: Cores
}

export interface RunningStack {
  readonly port: number
  /** All processes whose CPU and memory count. */
  readonly pids: readonly number[]
  /** What a client must send. */
  readonly headers: readonly string[]
  readonly modelName: string
  /** Told when the measured time begins and when it is over. */
  measuring?(moment: 'begins' | 'over'): void
  /**
   * Ends it.
   * @param calls how many the provider was asked.
   */
  end(calls: number): Promise<Ending>
}

export interface Ending {
  /** What was wrong: the measurement does not count. */
  readonly problems: readonly string[]
  /** The 99th percentile of the event loop's delay, where it was measured. */
  readonly stallP99Ms?: number
}
