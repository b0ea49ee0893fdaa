import type { Report } from './probe.ts'

/** A check that fails and is not ours to repair. */
export interface Exception {
  /** The upstreams behind the gateway with which it fails. */
  readonly upstreams: readonly string[]
  readonly check: string
  readonly reason: string
}

export interface Judgement {
  /** Checks that failed, each with why: what was listed, or what llmprobe said. */
  readonly failed: readonly { readonly check: string; readonly isListed: boolean; readonly why: string }[]
  /** Listed, and did not fail. */
  readonly needless: readonly string[]
}

/** Judges the report of one upstream by what is listed for it, both ways. */
export function judge(upstream: string, { results }: Report, exceptions: readonly Exception[]): Judgement {
  const listed = new Map(
    exceptions.filter(({ upstreams }) => upstreams.includes(upstream)).map(({ check, reason }) => [check, reason]),
  )
  // One that could not be asked is no success: it must not pass for one.
  const wrong = results.filter(({ outcome }) => outcome === 'fail' || outcome === 'unreachable')
  const failed = wrong.map(({ id, failures, reason }) => {
    const excuse = listed.get(id)
    const said = failures.filter(({ severity }) => severity === 'MUST').map(({ message }) => message)
    return { check: id, isListed: excuse !== undefined, why: excuse ?? [...said, reason ?? ''].join('; ') }
  })
  const failedChecks = new Set(wrong.map(({ id }) => id))
  return { failed, needless: [...listed.keys()].filter((check) => !failedChecks.has(check)) }
}
