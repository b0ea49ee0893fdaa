import { leastOf, medianOf, mostOf, names, problemsOf, valuesOf, type Figures, type Reading } from './figures.ts'
import { works, type Sample, type WorkName } from './measure.ts'

interface Row {
  readonly label: string
  readonly reading: Reading
  readonly digits: number
  /** More is better: the best is the most. */
  readonly isRate?: boolean
  readonly hasRatio?: boolean
}

const cpuShare: Row = { label: 'share of its core', reading: 'coreShare', digits: 2, isRate: true }
const latency: readonly Row[] = [
  { label: 'latency p50, us', reading: 'latencyP50Us', digits: 0 },
  { label: 'latency p99, us', reading: 'latencyP99Us', digits: 0 },
]

const rows: Readonly<Record<WorkName, readonly Row[]>> = {
  unary: [
    { label: 'CPU per call, us', reading: 'cpuPerCallUs', digits: 1, hasRatio: true },
    { label: 'calls per second', reading: 'callsPerSecond', digits: 0, isRate: true },
    cpuShare,
    { label: 'peak memory, MB', reading: 'peakMb', digits: 0 },
  ],
  budgets: [{ label: 'CPU per call, us', reading: 'cpuPerCallUs', digits: 1 }, cpuShare],
  open: [...latency, { label: 'CPU per call, us', reading: 'cpuPerCallUs', digits: 1, hasRatio: true }],
  paced: [
    { label: 'CPU per event, us', reading: 'cpuPerEventUs', digits: 1, hasRatio: true },
    { label: 'first byte p50, us', reading: 'firstByteP50Us', digits: 0 },
    { label: 'first byte p99, us', reading: 'firstByteP99Us', digits: 0 },
    cpuShare,
  ],
  slow: [
    { label: 'peak memory, MB', reading: 'peakMb', digits: 0 },
    { label: 'CPU per event, us', reading: 'cpuPerEventUs', digits: 1 },
  ],
  stall: latency,
  workers: [
    { label: 'calls per second', reading: 'callsPerSecond', digits: 0, isRate: true },
    { label: 'CPU per call, us', reading: 'cpuPerCallUs', digits: 1 },
  ],
}

/** The run for people: of every reading the best repetition and the median, and CPU over nginx's. */
export function reportOf(samples: readonly Sample[], figures: Figures): string {
  const lines: string[] = []
  for (const work of Object.values(works)) {
    const stacks = [...new Set(samples.filter((one) => one.work === work.name).map(({ stack }) => stack))]
    if (stacks.length === 0) continue
    lines.push('', `${work.name}: ${work.says}`, `  ${''.padEnd(18)}  ${'best'.padStart(10)}  ${'median'.padStart(10)}`)
    for (const row of rows[work.name]) for (const stack of stacks) lines.push(lineOf(samples, work.name, stack, row))
  }
  lines.push('', ...problemsOf(samples).map((problem) => `does not count: ${problem}`))
  for (const [name, value] of Object.entries(figures)) lines.push(`${name.padEnd(16)} ${value ?? 'not measured'}`)
  return `${lines.join('\n')}\n`
}

function lineOf(samples: readonly Sample[], work: WorkName, stack: string, row: Row): string {
  const values = valuesOf(samples, work, stack, row.reading)
  const best = row.isRate ? mostOf(values) : leastOf(values)
  const yardstick = leastOf(valuesOf(samples, work, names.nginx, row.reading))
  const over =
    row.hasRatio && best && yardstick && stack !== names.nginx ? `  ${(best / yardstick).toFixed(2)}x nginx` : ''
  const cell = (value: number | undefined) => (value === undefined ? '-' : value.toFixed(row.digits)).padStart(10)
  return `  ${row.label.padEnd(18)}  ${cell(best)}  ${cell(medianOf(values))}  ${stack}${over}`
}
