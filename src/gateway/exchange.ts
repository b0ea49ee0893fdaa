import type { Operation } from '../canonical/call.ts'
import type { GatewayError } from '../canonical/error.ts'
import type { JsonObject } from '../canonical/json.ts'
import type { Principal } from '../canonical/principal.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { IdentityHeaders } from '../policies/identity/identify.ts'

/** A client path that asks a model something, and the dialect it is asked in. */
export interface Endpoint {
  /** For a dialect that says more in its path, a pattern of it, for people. */
  readonly path: string
  readonly dialect: Dialect
  readonly operation: Operation
}

/** One client request, start to end. */
export interface Exchange {
  /** Ours, time-ordered, unique. The client sees it as `x-weir-request-id`. */
  readonly id: string
  readonly startedAtMs: number
  readonly startedMonotonicMs: number
  readonly endpoint: Endpoint
  /** What the path says of the call, for a dialect that has an address (`Address.read`). */
  readonly address?: JsonObject | undefined
  readonly headers: IdentityHeaders
  readonly client: Client
  /**
   * Asks whether there is room for this caller. To be asked once, before the body is read.
   * @throws GatewayError `overloaded`.
   */
  admit(principal: Principal): void
}

/** The client's side of an exchange. The gateway knows no sockets; `server/` implements this over HTTP. */
export interface Client {
  /** @throws GatewayError `request_too_large`, `request_timeout`, `overloaded`, `invalid_request` when the body breaks off. */
  readBody(maxBytes: number): Promise<Buffer>
  /** Status and headers, as a flat list of names and values. Once, before any `write`. */
  head(status: number, headers: readonly string[]): void
  /** @returns whether more may be written at once; when false, wait for `drained`. */
  write(bytes: Buffer): boolean
  /** Calls back once when what was written has gone, or the client has. */
  drained(then: () => void): void
  /** The answer is whole. */
  end(lastBytes?: Buffer): void
  /** The answer will never be whole, and there is no way to say so in it: the connection is cut. */
  breakOff(): void
  /** Calls back once when the client goes away before the answer is whole; at once when it has gone already. */
  gone(then: () => void): void
  /** Calls back when the gateway itself must end the exchange: the drain's time is up; at once when it was before. */
  stopped(then: (problem: GatewayError) => void): void
  readonly isGone: boolean
  /** Whether status and headers have been sent: from then on an error can only be told in band. */
  readonly hasBegun: boolean
}

/** Thrown when there is nobody left to answer. Not a problem: the meter has settled what was under way. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone'
}
