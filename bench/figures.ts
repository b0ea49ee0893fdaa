import type { LoadResult } from './load.ts'
import type { Sample, WorkName } from './measure.ts'

/** The last line of `npm run bench -- --json`. `null`: not measured in this run. */
export interface Figures {
  /** CPU of the gateway's processes for a call, with the core saturated, over nginx's in the same run. */
  readonly unaryCpuRatio: number | null
  /** CPU for an event of paced streams, over nginx's. */
  readonly eventCpuRatio: number | null
  /** Latency at a fixed rate, less that without a gateway. */
  readonly addedP50Us: number | null
  readonly addedP99Us: number | null
  /** Time to the first byte of a paced stream, as the client sees it. */
  readonly ttfbP99Us: number | null
  /** Largest resident memory of the gateway's processes together, with 2,000 streams. */
  readonly streamsMemoryMb: number | null
  /** Delay of the event loop at a fixed rate. */
  readonly stallP99Ms: number | null
  /** Calls per second with two workers, over those with one. */
  readonly workersSpeedup: number | null
  /** CPU for a call with strict budgets above it, over one without. */
  readonly budgetsCpuRatio: number | null
  readonly valid: boolean
}

/** What is read from one load, by what it is called in the table. */
export const readings = {
  cpuPerCallUs: (load: LoadResult) => (load.answered === 0 ? Infinity : (load.cpuSeconds * 1e6) / load.answered),
  cpuPerEventUs: (load: LoadResult) => (load.events === 0 ? Infinity : (load.cpuSeconds * 1e6) / load.events),
  coreShare: (load: LoadResult) => load.cpuSeconds / load.seconds,
  callsPerSecond: (load: LoadResult) => load.callsPerSecond,
  latencyP50Us: (load: LoadResult) => load.latencyP50Us,
  latencyP99Us: (load: LoadResult) => load.latencyP99Us,
  firstByteP50Us: (load: LoadResult) => load.firstByteP50Us,
  firstByteP99Us: (load: LoadResult) => load.firstByteP99Us,
  peakMb: (load: LoadResult) => load.peakMb,
} as const satisfies Record<string, (load: LoadResult) => number>

export type Reading = keyof typeof readings

/** Below this share of its core in the saturated measurement, CPU per call is not what it is at saturation (performance.md). */
export const saturatedShare = 0.9

/** Whose numbers these are. */
export const names = {
  direct: 'direct',
  nginx: 'nginx',
  weir: 'weir',
  withoutBudgets: 'weir, no budgets',
  withBudgets: 'weir, budgets',
  oneWorker: 'weir, 1 worker',
  twoWorkers: 'weir, 2 workers',
} as const

/**
 * The figures of a run. Noise only ever adds (other work on the machine), so each figure is made of the least of its
 * repetitions; of throughput, of the most.
 */
export function figuresOf(samples: readonly Sample[]): Figures {
  const least = (work: WorkName, stack: string, reading: Reading) => leastOf(valuesOf(samples, work, stack, reading))
  const most = (stack: string) => mostOf(valuesOf(samples, 'workers', stack, 'callsPerSecond'))
  const over = (work: WorkName, reading: Reading) =>
    ratio(least(work, names.weir, reading), least(work, names.nginx, reading))
  const added = (reading: Reading) =>
    difference(least('open', names.weir, reading), least('open', names.direct, reading))
  const stalls = samples.flatMap(({ stallP99Ms }) => (stallP99Ms === undefined ? [] : [stallP99Ms]))
  return {
    unaryCpuRatio: rounded(over('unary', 'cpuPerCallUs'), 2),
    eventCpuRatio: rounded(over('paced', 'cpuPerEventUs'), 2),
    addedP50Us: rounded(added('latencyP50Us'), 0),
    addedP99Us: rounded(added('latencyP99Us'), 0),
    ttfbP99Us: rounded(least('paced', names.weir, 'firstByteP99Us'), 0),
    streamsMemoryMb: rounded(least('slow', names.weir, 'peakMb'), 0),
    stallP99Ms: rounded(leastOf(stalls), 2),
    workersSpeedup: rounded(ratio(most(names.twoWorkers), most(names.oneWorker)), 2),
    budgetsCpuRatio: rounded(
      ratio(
        least('budgets', names.withBudgets, 'cpuPerCallUs'),
        least('budgets', names.withoutBudgets, 'cpuPerCallUs'),
      ),
      2,
    ),
    valid: problemsOf(samples).length === 0,
  }
}

/** Why a run does not count; empty when it does. */
export function problemsOf(samples: readonly Sample[]): readonly string[] {
  const told = samples
    .filter(({ problems }) => problems.length > 0)
    .map(({ stack, work, problems }) => `${stack}, ${work}: ${problems.join('; ')}`)
  for (const stack of [names.nginx, names.weir]) {
    const share = medianOf(valuesOf(samples, 'unary', stack, 'coreShare'))
    if (share === undefined) told.push(`${stack} was not measured at saturation`)
    else if (share < saturatedShare)
      told.push(`${stack} used ${Math.round(share * 100)} % of its core in the saturated measurement, and not 90 %`)
  }
  return told
}

export function valuesOf(
  samples: readonly Sample[],
  work: WorkName,
  stack: string,
  reading: Reading,
): readonly number[] {
  return samples.filter((one) => one.work === work && one.stack === stack).map(({ load }) => readings[reading](load))
}

export function leastOf(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.min(...values)
}

export function mostOf(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.max(...values)
}

/** Of an even amount, the lower one of the two in the middle. */
export function medianOf(values: readonly number[]): number | undefined {
  return values.toSorted((left, right) => left - right)[Math.floor((values.length - 1) / 2)]
}

function ratio(above: number | undefined, below: number | undefined): number | undefined {
  return above === undefined || below === undefined || below === 0 ? undefined : above / below
}

function difference(left: number | undefined, right: number | undefined): number | undefined {
  return left === undefined || right === undefined ? undefined : left - right
}

function rounded(value: number | undefined, digits: number): number | null {
  return value === undefined || !Number.isFinite(value) ? null : Number(value.toFixed(digits))
}
