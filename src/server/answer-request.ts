import type { IncomingMessage, ServerResponse } from 'node:http'
import { GatewayError } from '../canonical/error.ts'
import { carriedAt } from '../gateway/carried/routes.ts'
import { checkFraming, refuseProviderKey } from './accept.ts'
import { answerBudget, answerOther, budgetPath } from './answer-own-paths.ts'
import { answerQuote, carryCall, carryNativeCall, serveCall } from './begin-exchange.ts'
import { callerDialect } from './caller-dialect.ts'
import { endpointAt, familyOf, nativeAt, quotePath } from './endpoints.ts'
import { HttpRequest } from './http-request.ts'
import { forget, type ClientConnection } from './client-connections.ts'
import type { Listening } from './listening.ts'
import { refuseRequest } from './refuse-request.ts'

/** Answers one request, whatever it asks: by who is there for its path, or with a problem. */
export async function answerRequest(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  listening: Listening,
): Promise<void> {
  const { parts } = listening
  const connection = listening.clients.of(incoming.socket)
  const isPipelined = connection.answer !== undefined && !connection.answer.writableEnded
  connection.answer = outgoing
  connection.requests += 1
  listening.requests += 1
  // One turn of microtasks: then it is known of a request without a body that it is complete, and a request with no HTTP behind it has
  // been refused.
  await undefined
  if (connection.isBroken) return
  const request = new HttpRequest(parts.nextId(), incoming, outgoing, { clock: parts.clock, ...parts.limits() })
  const { client, path, query } = request
  const method = incoming.method ?? ''
  const found = endpointAt(path, query)
  const carried = found ? undefined : carriedAt(method, path, familyOf(incoming.headers))
  connection.client = client
  listening.running.follow(client, request)
  client.over(() => forget(connection, outgoing))
  try {
    if (isLast(connection, incoming, listening)) outgoing.setHeader('connection', 'close')
    if (isPipelined) throw new GatewayError('invalid_request', 'the answer before has not come yet: no pipelining here')
    checkFraming(incoming)
    refuseProviderKey(incoming)
    if (path === quotePath) return await answerQuote(request, listening)
    if (path === budgetPath) return await answerBudget(request, parts)
    if (carried) return await carryCall(carried, request, listening)
    const native = nativeAt(method, path, query)
    if (native) return await carryNativeCall(native, request, listening)
    if (!found) return answerOther(request, listening)
    await serveCall(found, request, listening)
  } catch (thrown) {
    const spoken = found?.endpoint.dialect.name ?? (carried ? callerDialect(incoming, path) : 'openai-chat')
    refuseRequest(request, spoken, thrown, parts)
  }
}

/** Whether the connection closes after this answer. */
function isLast(
  connection: ClientConnection,
  incoming: IncomingMessage,
  { state, patience, clients }: Listening,
): boolean {
  return (
    state !== 'serving' ||
    // Behind a request for an upgrade, Node's parser may drop what came with it: answers must not be counted on from there.
    incoming.headers.upgrade !== undefined ||
    connection.requests >= patience.requestsPerConnection ||
    clients.isToMove(connection)
  )
}
