import type { JsonObject } from '../../canonical/json.ts'
import type { UpstreamProblem } from '../dialect.ts'
import { readProviderProblem } from '../shared/problems/provider-problem.ts'

/**
 * A generation that failed or took too long tells so where others tell why they ended.
 * @param ending a whole answer, or the `delta` of a stream's last event.
 * @returns `undefined` where it ended in another way.
 */
export function failureIn(ending: JsonObject): UpstreamProblem | undefined {
  const { finish_reason: reason, error, error_type: errorType } = ending
  if (reason !== 'ERROR' && reason !== 'TIMEOUT' && typeof error !== 'string') return undefined
  const code = typeof errorType === 'string' ? errorType : reason === 'TIMEOUT' ? 'timeout' : null
  return readProviderProblem(undefined, { message: error ?? null, code, type: reason ?? null })
}

/** Why an answer ended, in Cohere's word; `undefined` while it has not. */
export function reasonIn(ending: JsonObject): string | undefined {
  const { finish_reason: reason } = ending
  return typeof reason === 'string' && reason !== '' ? reason : undefined
}
