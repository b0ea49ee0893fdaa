import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { pick } from '../../src/providers/simulated/seeded.ts'

/** The steps that a death may fall before, into or after: writes of the spool, commits of the database, removed segments. */
export type CrashPoint =
  /** The write that notes an attempt which is about to leave. */
  | 'before-intent'
  | 'before-write'
  | 'torn-write'
  | 'after-write'
  | 'before-commit'
  | 'after-commit'
  | 'before-remove'
  | 'after-remove'

/** How one life of the gateway ends. */
export type Death =
  /** From outside, whatever it is doing. */
  | { readonly kind: 'random' }
  /** By its own hand, when it comes to a step for the `count`th time. */
  | { readonly kind: CrashPoint; readonly count: number }

type Random = () => number

/** While it serves: the spool is written a hundred times in a second and more, the database commits five times. */
export function drawDeath(random: Random): Death {
  const kind = pick(servingDeaths, random)
  if (kind === 'random') return { kind }
  const count = kind.endsWith('commit') ? 3 + Math.floor(random() * 4) : 1 + Math.floor(random() * 80)
  return { kind, count }
}

/** While it recovers: a commit for what had ended, one for what had not, and a removed segment for each dead process. */
export function drawDeathInRecovery(random: Random): Death {
  const kind = pick(recoveryDeaths, random)
  if (kind === 'random') return { kind }
  return { kind, count: kind.endsWith('commit') ? 1 + Math.floor(random() * 2) : 1 }
}

type Kinds = readonly [Death['kind'], ...Death['kind'][]]
const servingDeaths: Kinds = [
  'random',
  'random',
  'random',
  'before-intent',
  'before-write',
  'torn-write',
  'after-write',
  'before-commit',
  'after-commit',
]
const recoveryDeaths: Kinds = ['random', 'random', 'before-commit', 'after-commit', 'before-remove', 'after-remove']

export function describeDeath(death: Death): string {
  return death.kind === 'random' ? 'at random' : `${death.kind.replace('-', ' ')} ${death.count}`
}

/** What makes a process die so. */
export function meansOf(death: Death): {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
} {
  if (death.kind === 'random') return { args: [], env: {} }
  const preload = pathToFileURL(resolve(import.meta.dirname, 'crash-at.ts')).href
  return { args: ['--import', preload], env: { WEIR_CRASH_AT: `${death.kind}:${death.count}` } }
}
