import { GatewayError } from '../canonical/error.ts'
import type { UpstreamProblem } from '../dialects/dialect.ts'
import type { AskedRest } from './provider-limits.ts'
import { longestRestSeconds } from './retry-after.ts'
import type { SentSecrets } from './sent-secrets.ts'

/**
 * What clients are told of a problem that a provider told us.
 * @param status of the answer.
 * @param rest what its headers say of how long the provider wants to be left alone.
 */
export function toldProblem(
  problem: UpstreamProblem,
  status: number,
  rest: AskedRest | undefined,
  secrets: SentSecrets,
): GatewayError {
  return new GatewayError(problem.kind, secrets.masked(problem.message), {
    param: problem.param && secrets.masked(problem.param),
    providerCode: problem.providerCode,
    retryAfterSeconds: problem.isLasting === true ? undefined : waitSeconds(problem.retryAfterMs, status, rest),
    isLasting: problem.isLasting ?? false,
  })
}

/** By a header, or by its words. A limit that is used up counts where the answer says so. */
function waitSeconds(inBodyMs: number | undefined, status: number, rest: AskedRest | undefined): number | undefined {
  const waitMs = rest?.retryAfterMs ?? inBodyMs ?? (status === 429 ? rest?.limitMs : undefined)
  return waitMs === undefined ? undefined : Math.min(Math.ceil(waitMs / 1_000), longestRestSeconds)
}

/** A redirect could lead anywhere (failures.md L3). */
export function refusedRedirect(): GatewayError {
  return new GatewayError('upstream_invalid', 'the provider answered with a redirect, which is not followed')
}
