import type { Clock } from '../canonical/clock.ts'
import { handshakeMs } from '../config/listener-tls.ts'
import type { DialectName } from '../dialects/dialect.ts'
import type { CarriedExchange } from '../gateway/carried/carried-exchange.ts'
import type { NativeExchange } from '../gateway/carry-native.ts'
import type { Exchange } from '../gateway/exchange.ts'
import type { RealtimeExchange } from '../gateway/realtime/realtime-exchange.ts'
import type { IdentityHeaders } from '../policies/identity/identify.ts'
import type { Probes } from './probes.ts'
import type { ServerSettings } from './settings.ts'

/** What a data listener is given: the world around it, and who answers what it has heard. */
export interface DataListenerParts {
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly probes: Probes
  /** Of the config in force. */
  limits(): ServerSettings
  readonly nextId: () => string
  serve(exchange: Exchange): Promise<void>
  carry(exchange: CarriedExchange): Promise<void>
  carryNative(exchange: NativeExchange): Promise<void>
  carryRealtime(exchange: RealtimeExchange): Promise<void>
  /** Answers `GET /v1/models` for whoever asks, in the dialect given; with a name, that of one model below it. */
  tellModels(headers: IdentityHeaders, dialect: DialectName, name: string | undefined, query: string): unknown
  /** Answers `GET /v1/budget`. */
  ownBudget(headers: IdentityHeaders): Promise<unknown>
  /** Answers `POST /v1/quote`: what a call with this body would cost. */
  quote(exchange: Exchange): Promise<unknown>
  /** Something that no rule foresaw; the client was told `internal` with this id. */
  onBug(error: unknown, requestId: string): void
  /** The event loop stood still for this long. */
  onStall(longestMs: number): void
  /** The system would not hand over a connection. */
  onAcceptFailure(error: Error): void
  /** Another than the standard one: for tests, which do not wait. */
  readonly patience?: ListenerPatience
}

export interface ListenerPatience {
  /** Of TLS. */
  readonly handshakeMs: number
  readonly headersMs: number
  /** How often connections are looked at. */
  readonly checkMs: number
  readonly requestMs: number
  readonly keepAliveMs: number
  /** After so many requests a connection is closed, so that a long-lived client is spread anew now and then. */
  readonly requestsPerConnection: number
}

/**
 * How long a client may take, in milliseconds (failures.md N7). Bodies have limits of their own, in the config; `requestMs` only
 * stands behind them, for a body that nobody reads. Idle connections outlive the 60 s of common load balancers.
 */
export const standardPatience: ListenerPatience = {
  handshakeMs,
  headersMs: 10_000,
  checkMs: 1_000,
  requestMs: 330_000,
  keepAliveMs: 65_000,
  requestsPerConnection: 10_000,
}
