import { asGatewayError } from '../canonical/error.ts'
import { framed } from '../wire/framing.ts'
import { ClientGone, type Exchange } from './exchange.ts'
import { problemHeaders } from './headers.ts'
import type { Meter } from './meter.ts'

/** Tells the client what went wrong, in its own dialect. What is no GatewayError is told as `internal`, with an id to quote. */
export function refuse(exchange: Exchange, thrown: unknown, meter: Meter): void {
  const { client } = exchange
  const { dialect } = exchange.endpoint
  if (thrown instanceof ClientGone || client.isGone) return
  const problem = asGatewayError(thrown)
  meter.told(problem.status, problem)
  if (client.hasBegun) {
    client.end(framed(dialect.writeStreamProblem(problem, exchange.id), dialect.framing ?? 'sse'))
    return
  }
  const body = Buffer.from(JSON.stringify(dialect.writeProblem(problem, exchange.id)))
  client.head(problem.status, [...problemHeaders(exchange, meter, problem), 'content-length', String(body.length)])
  client.end(body)
  meter.sent(body.length)
}
