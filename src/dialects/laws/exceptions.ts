import type { LawResult } from './run-laws.ts'

/** A failure that is known and has a reason. */
export interface Exception {
  readonly law: string
  readonly row: string
  /** The failure's own words. */
  readonly what: string
  readonly reason: string
  readonly ids: readonly string[]
}

export interface Judged {
  readonly law: string
  readonly row: string
  readonly holders: number
  readonly passed: number
  /** Holders that fail, all of whose failures are listed. */
  readonly listed: number
  /** Holders with a failure that nobody has listed. */
  readonly unlisted: number
}

export interface Judgement {
  readonly table: readonly Judged[]
  readonly unlistedFailures: readonly UnlistedFailure[]
  /** Exceptions for what does not fail (any more). */
  readonly needless: readonly string[]
}

export interface UnlistedFailure {
  readonly law: string
  readonly row: string
  readonly id: string
  readonly what: string
  readonly detail: string
}

/** @param isComplete whether everything that exceptions may name was run. Without a corpus they are not needless. */
export function judge(results: readonly LawResult[], exceptions: readonly Exception[], isComplete: boolean): Judgement {
  const listed = new Set(
    exceptions.flatMap(({ law, row, what, ids }) => ids.map((id) => keyOf({ law, row, id, what }))),
  )
  const failing = new Set<string>()
  const unlistedFailures: UnlistedFailure[] = []
  const table = results.map(({ law, row, trials }) => {
    const counts = { passed: 0, listed: 0, unlisted: 0 }
    for (const { id, failures } of trials) {
      const unlisted = failures.filter(({ what }) => {
        const key = keyOf({ law, row, id, what })
        failing.add(key)
        return !listed.has(key)
      })
      unlistedFailures.push(...unlisted.map((failure) => ({ law, row, id, ...failure })))
      counts[failures.length === 0 ? 'passed' : unlisted.length === 0 ? 'listed' : 'unlisted']++
    }
    return { law, row, holders: trials.length, ...counts }
  })
  const needless = isComplete ? [...listed].filter((key) => !failing.has(key)) : []
  return { table, unlistedFailures, needless }
}

function keyOf({ law, row, id, what }: { law: string; row: string; id: string; what: string }): string {
  return `${law} | ${row} | ${id} | ${what}`
}
