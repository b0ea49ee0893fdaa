import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { leastOf, valuesOf, type Reading } from './figures.ts'
import { knownParts } from './gateways/weir-config.ts'
import { weir } from './gateways/weir.ts'
import { works, type Sample, type WorkName } from './measure.ts'
import { runInterleaved } from './run.ts'
import type { Tools } from './tools.ts'

/** How much more CPU a call or an event may cost than at the revision compared with. */
export const allowedGrowth = 1.1

export interface Comparison {
  readonly what: string
  readonly hereUs: number
  readonly thereUs: number
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

export function compare(samples: readonly Sample[], what: string, work: WorkName, reading: Reading): Comparison {
  const hereUs = leastOf(valuesOf(samples, work, 'here', reading)) ?? Infinity
  const thereUs = leastOf(valuesOf(samples, work, 'there', reading)) ?? Infinity
  return { what, hereUs, thereUs, isWithin: hereUs <= thereUs * allowedGrowth }
}
