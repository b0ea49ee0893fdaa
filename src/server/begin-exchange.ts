import type { Clock } from '../canonical/clock.ts'
import { GatewayError } from '../canonical/error.ts'
import type { JsonObject } from '../canonical/json.ts'
import { carriedEndpoint } from '../gateway/carried/carried-exchange.ts'
import type { FoundRoute } from '../gateway/carried/routes.ts'
import type { Client, Endpoint, Exchange } from '../gateway/exchange.ts'
import { JsonArrayClient } from '../gateway/json-array-client.ts'
import type { NativePlace } from '../gateway/native-path.ts'
import { checkAcceptable, checkCarriable } from './accept.ts'
import { callerDialect } from './caller-dialect.ts'
import { clientHeaders } from './client-headers.ts'
import { nativeEndpoint, quotedEndpoint, type Found } from './endpoints.ts'
import type { HttpRequest } from './http-request.ts'
import type { Listening } from './listening.ts'
import { answerJson } from './plain-answer.ts'

/*
 * A request becomes an exchange: it is looked at from outside, it takes a place, and whoever knows what it means is handed it. What
 * is not to be is thrown, and nothing has been answered then.
 */

/** A call in a dialect. */
export function serveCall(
  { endpoint, address, isArray }: Found,
  request: HttpRequest,
  { parts, admission, state }: Listening,
): Promise<void> {
  const { incoming, client, query } = request
  if (state === 'closed') throw new GatewayError('draining')
  checkAcceptable(incoming, query, endpoint.dialect.takesForms)
  request.enter(admission)
  return parts.serve(
    exchangeOf(request, isArray ? new JsonArrayClient(client) : client, endpoint, address, parts.clock),
  )
}

/** A call that is carried whole. */
export function carryCall(
  asked: FoundRoute | 'other-method',
  request: HttpRequest,
  { parts, admission, state }: Listening,
): Promise<void> {
  const { incoming, client, path, query } = request
  if (asked === 'other-method') throw new GatewayError('method_not_allowed', `${incoming.method} is not accepted here`)
  if (state === 'closed') throw new GatewayError('draining')
  const { body } = asked.route
  checkCarriable(incoming, query, body === 'none' ? 'none' : body === 'bytes' ? 'any' : 'json')
  request.enter(admission)
  return parts.carry({
    ...exchangeOf(request, client, carriedEndpoint(asked), undefined, parts.clock),
    carried: { ...asked, path, query, origin: request.origin() },
  })
}

/** A call on a provider's own path. */
export function carryNativeCall(
  native: NativePlace,
  request: HttpRequest,
  { parts, admission, state }: Listening,
): Promise<void> {
  const { incoming, client, path, query } = request
  if (state === 'closed') throw new GatewayError('draining')
  checkCarriable(incoming, query, 'any')
  request.enter(admission)
  const endpoint = nativeEndpoint(native, callerDialect(incoming, path))
  return parts.carryNative({
    ...exchangeOf(request, client, endpoint, undefined, parts.clock),
    native: { ...native, origin: request.origin() },
  })
}

/** The question what a call would cost. */
export async function answerQuote(request: HttpRequest, { parts, admission, state }: Listening): Promise<void> {
  const { id, incoming, client, query } = request
  const { endpoint, address } = quotedEndpoint(query)
  if (state === 'closed') throw new GatewayError('draining')
  checkAcceptable(incoming, query)
  request.enter(admission)
  const told = await parts.quote(exchangeOf(request, client, endpoint, address, parts.clock))
  answerJson(client, 200, told, id)
}

function exchangeOf(
  request: HttpRequest,
  client: Client,
  endpoint: Endpoint,
  address: JsonObject | undefined,
  clock: Clock,
): Exchange {
  return {
    id: request.id,
    startedAtMs: clock.nowMs(),
    startedMonotonicMs: clock.monotonicMs(),
    endpoint,
    address,
    headers: clientHeaders(request.incoming),
    client,
    admit: (principal) => request.admit(principal),
  }
}
