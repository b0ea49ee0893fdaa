import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { leastOf, medianOf, valuesOf, type Reading } from './figures.ts'
import { knownParts } from './gateways/weir-config.ts'
import { weir } from './gateways/weir.ts'
import { works, type Sample, type WorkName } from './measure.ts'
import { runInterleaved } from './run.ts'
import type { Tools } from './tools.ts'

/** How much more CPU a call or an event may cost than at the revision compared with. */
export const allowedGrowth = 1.1

export interface Comparison {
  readonly what: string
  /** Of the best repetitions. */
  readonly hereUs: number
  readonly thereUs: number
  /** The median over the repetitions of what it costs here over what it costs there, in the same repetition. */
  readonly pairRatio: number
  readonly isWithin: boolean
}

/**
 * The regression gate: this working tree against another revision, measured in turn in the same run. The revision is checked
 * out and installed into `dir`; both are driven by the tools and the config of this working tree.
 */
export async function runAgainst(
  tools: Tools,
  dir: string,
  revision: string,
  repetitions: number,
  tell: (line: string) => void,
): Promise<{ readonly comparisons: readonly Comparison[]; readonly problems: readonly string[] }> {
  const here = join(import.meta.dirname, '..')
  const there = join(dir, 'revision')
  tell(`checking out and installing ${revision}`)
  execFileSync('git', ['-C', here, 'worktree', 'add', '--detach', there, revision], { stdio: 'pipe' })
  const remove = () => void spawnSync('git', ['-C', here, 'worktree', 'remove', '--force', there])
  // Whatever ends the run: git must not go on counting on a folder that is gone.
  process.prependOnceListener('exit', remove)
  try {
    execFileSync('npm', ['ci', '--prefer-offline'], { cwd: there, stdio: 'pipe' })
    // Budgets are measured by themselves.
    const known = knownParts(there, dir).difference(new Set(['budgets']))
    const parts = new Set([...knownParts(here, dir)].filter((part) => known.has(part)))
    const steps = [works.unary, works.paced].flatMap((work) => [
      { work, stack: weir({ name: 'here', root: here, parts, workers: 1 }) },
      { work, stack: weir({ name: 'there', root: there, parts, workers: 1 }) },
    ])
    const samples = await runInterleaved(tools, dir, steps, repetitions, tell)
    return {
      comparisons: [
        compare(samples, 'call', 'unary', 'cpuPerCallUs'),
        compare(samples, 'event', 'paced', 'cpuPerEventUs'),
      ],
      problems: samples.flatMap(({ problems }) => problems),
    }
  } finally {
    process.off('exit', remove)
    remove()
  }
}

/**
 * More is more by both measures: what else runs on a machine only adds, so that the best repetitions are nearest to the truth, but a machine
 * that is faster for one repetition makes that one the best of one side. Pairs see the same machine.
 */
export function compare(samples: readonly Sample[], what: string, work: WorkName, reading: Reading): Comparison {
  const [here, there] = [valuesOf(samples, work, 'here', reading), valuesOf(samples, work, 'there', reading)]
  const hereUs = leastOf(here) ?? Infinity
  const thereUs = leastOf(there) ?? Infinity
  const pairRatio = medianOf(here.flatMap((ours, place) => (there[place] ? [ours / there[place]] : []))) ?? Infinity
  const isWithin = Math.min(hereUs / thereUs, pairRatio) <= allowedGrowth
  return { what, hereUs, thereUs, pairRatio, isWithin }
}
