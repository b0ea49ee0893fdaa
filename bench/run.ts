import type { Stack } from './gateways/stack.ts'
import { readings } from './figures.ts'
import { measure, type Sample, type Work } from './measure.ts'
import type { Tools } from './tools.ts'

export interface Step {
  readonly work: Work
  readonly stack: Stack
}

/**
 * Measures every step in turn, and all of them again, as often as asked: what slows the machine for a while then slows all
 * of them. Every second time in the other order, so that none always follows the same one.
 */
export async function runInterleaved(
  tools: Tools,
  dir: string,
  steps: readonly Step[],
  repetitions: number,
  tell: (line: string) => void,
): Promise<readonly Sample[]> {
  const samples: Sample[] = []
  for (let repetition = 1; repetition <= repetitions; repetition += 1) {
    const order = repetition % 2 === 1 ? steps : steps.toReversed()
    for (const { work, stack } of order) {
      const sample = await measure(tools, dir, work, stack)
      samples.push(sample)
      tell(`${repetition}/${repetitions} ${lineOf(sample)}`)
    }
  }
  return samples
}

function lineOf({ stack, work, load, stallP99Ms, problems }: Sample): string {
  const cpu =
    load.events > 0
      ? `${readings.cpuPerEventUs(load).toFixed(1)} us CPU/event`
      : `${readings.cpuPerCallUs(load).toFixed(1)} us CPU/call`
  const told = [
    `${work.padEnd(8)} ${stack.padEnd(16)}`,
    `${load.callsPerSecond} calls/s`,
    cpu,
    `${Math.round(readings.coreShare(load) * 100)} % of a core`,
    load.firstByteP99Us > 0
      ? `first byte ${load.firstByteP50Us}/${load.firstByteP99Us} us`
      : `latency ${load.latencyP50Us}/${load.latencyP99Us} us`,
    `${Math.round(load.peakMb)} MB`,
    ...(stallP99Ms === undefined ? [] : [`stall ${stallP99Ms.toFixed(2)} ms`]),
    ...problems.map((problem) => `PROBLEM: ${problem}`),
  ]
  return told.join('  ')
}
