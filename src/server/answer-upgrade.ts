import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { asGatewayError, GatewayError } from '../canonical/error.ts'
import { retryHeaders } from '../gateway/headers.ts'
import { checkFraming, checkLiveQuery, refuseKeyInQuery, refuseProviderKey } from './accept.ts'
import type { Place } from './admission.ts'
import { clientHeaders } from './client-headers.ts'
import { realtimeAt, realtimeEndpoint } from './endpoints.ts'
import type { Listening } from './listening.ts'
import { answerJson } from './plain-answer.ts'
import { UpgradeClient } from './socket-client.ts'

/**
 * Answers one request for a WebSocket: with a session, or with a problem.
 * @param rest what came with the request already.
 */
export async function answerUpgrade(
  incoming: IncomingMessage,
  socket: Duplex,
  rest: Buffer,
  { parts, admission, running, state }: Listening,
): Promise<void> {
  const client = new UpgradeClient(incoming, socket, rest, parts.limits().clientIdleMs)
  const id = parts.nextId()
  const url = incoming.url ?? ''
  const query = queryOf(url)
  const endpoint = realtimeAt(url) ?? realtimeEndpoint
  let room: Place | undefined
  running.follow(client, { leave: () => room?.leave() })
  try {
    checkFraming(incoming)
    refuseProviderKey(incoming)
    client.check()
    if (endpoint === realtimeEndpoint) refuseKeyInQuery(query)
    else checkLiveQuery(query)
    if (state !== 'serving') throw new GatewayError('draining')
    const taken = admission.enter()
    room = taken
    await parts.carryRealtime({
      id,
      startedAtMs: parts.clock.nowMs(),
      startedMonotonicMs: parts.clock.monotonicMs(),
      endpoint,
      headers: clientHeaders(incoming),
      client,
      query,
      admit: (principal) => taken.admit(principal),
    })
  } catch (thrown) {
    const problem = asGatewayError(thrown)
    if (problem.kind === 'internal') parts.onBug(thrown, id)
    if (client.hasBegun) return client.breakOff()
    answerJson(client, problem.status, endpoint.dialect.writeProblem(problem, id), id, retryHeaders(problem))
  }
}

function queryOf(url: string): string {
  const mark = url.indexOf('?')
  return mark < 0 ? '' : url.slice(mark + 1)
}
