import { GatewayError } from '../canonical/error.ts'
import { refuseKeyInQuery } from './accept.ts'
import { callerDialect } from './caller-dialect.ts'
import { clientHeaders } from './client-headers.ts'
import type { HttpRequest } from './http-request.ts'
import type { DataListenerParts } from './listener-parts.ts'
import type { Listening } from './listening.ts'
import { answerJson, answerText } from './plain-answer.ts'
import { refuseRequest } from './refuse-request.ts'
import { noEndpoint } from './unserved-paths.ts'

/** Tells callers what is left of their budgets. */
export const budgetPath = '/v1/budget'

export async function answerBudget(
  { id, incoming, client, query }: HttpRequest,
  parts: Pick<DataListenerParts, 'ownBudget'>,
): Promise<void> {
  if (incoming.method !== 'GET') throw notGet(incoming.method)
  refuseKeyInQuery(query)
  answerJson(client, 200, await parts.ownBudget(clientHeaders(incoming)), id)
}

/** Answers what asks no provider anything: the list of models, whether the gateway lives and is ready, and paths that are none. */
export function answerOther(request: HttpRequest, { parts, isReady }: Listening): void {
  const { id, incoming, client, path, query } = request
  const isGet = incoming.method === 'GET' || incoming.method === 'HEAD'
  const dialect = callerDialect(incoming, path)
  try {
    const [models, name] = modelsPath.exec(path) ?? []
    // What stands behind a colon may be a verb of Gemini's, and then it is no path that there is.
    const isModels = models !== undefined && (isGet || name?.includes(':') !== true)
    if (!isModels && path !== '/healthz' && path !== '/readyz') {
      const none = noEndpoint(path, dialect)
      return refuseRequest(request, none.dialect, none.problem, parts)
    }
    if (!isGet) throw notGet(incoming.method)
    refuseKeyInQuery(query)
    if (path === '/healthz') return answerText(client, 200, 'ok\n')
    if (path === '/readyz') return answerText(client, isReady ? 200 : 503, isReady ? 'ready\n' : 'draining\n')
    answerJson(client, 200, parts.tellModels(clientHeaders(incoming), dialect, decodedName(name), query), id)
  } catch (thrown) {
    refuseRequest(request, dialect, thrown, parts)
  }
}

/** Where each dialect's SDK looks for the list of models, and for one of them. Names may hold slashes. */
const modelsPath = /^\/v1(?:beta)?\/models(?:\/(.+))?$/

function notGet(method: string | undefined): GatewayError {
  return new GatewayError('method_not_allowed', `${method} is not accepted here; use GET`)
}

/** @throws GatewayError `endpoint_not_found` where it is no part of a URL. */
function decodedName(name: string | undefined): string | undefined {
  try {
    return name === undefined ? undefined : decodeURIComponent(name)
  } catch {
    throw new GatewayError('endpoint_not_found', 'the name of the model is not encoded as a part of a URL')
  }
}
