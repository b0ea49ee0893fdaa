import { asGatewayError, type GatewayError } from '../canonical/error.ts'
import { dialects } from '../dialects/all.ts'
import type { DialectName } from '../dialects/dialect.ts'
import { retryHeaders } from '../gateway/headers.ts'
import type { HttpRequest } from './http-request.ts'
import type { DataListenerParts } from './listener-parts.ts'
import { answerJson } from './plain-answer.ts'

/** Tells a client in its own words why there is no answer; where one has begun already, the connection is cut. */
export function refuseRequest(
  { id, client, outgoing }: HttpRequest,
  dialect: DialectName,
  thrown: unknown,
  { onBug }: Pick<DataListenerParts, 'onBug'>,
): void {
  const problem = asGatewayError(thrown)
  if (problem.kind === 'internal') onBug(thrown, id)
  if (client.isGone) return
  if (client.hasBegun) return void outgoing.destroy()
  // Whoever is to come back later may come to another gateway; and what is no clean HTTP is not listened to any further.
  if (isBusy(problem) || problem.kind === 'invalid_request') outgoing.setHeader('connection', 'close')
  const headers = retryHeaders(problem)
  if (isBusy(problem)) headers.push('x-should-retry', 'true')
  answerJson(client, problem.status, dialects[dialect].writeProblem(problem, id), id, headers)
}

function isBusy(problem: GatewayError): boolean {
  return problem.kind === 'draining' || problem.kind === 'overloaded'
}
