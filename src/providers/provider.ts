import type { Duplex } from 'node:stream'
import type { Clock } from '../canonical/clock.ts'
import type { GatewayError } from '../canonical/error.ts'
import type { Nanos } from '../canonical/money.ts'
import type { DialectName } from '../dialects/dialect.ts'
import type { TargetWord } from '../dialects/translation.ts'
import type { Envelope } from './envelope.ts'

/** One secret of ours at one provider. The secret itself appears nowhere but in the headers of an attempt. */
export interface Credential {
  /** Stable within the config, such as `openai#0`. Safe to log. */
  readonly id: string
  readonly secret: string
  /** Its share among the provider's credentials. More than 0. */
  readonly weight: number
}

/**
 * What becomes of a call whose client has gone. `drain`: the rest of the answer is listened to for a while, and what it came to is
 * counted; where that does not come, the worst case. `cancel-and-estimate`: it is broken off at once, and a stream is counted
 * as far as it was seen: for providers that stop billing then.
 */
export const onAbortPolicies = ['drain', 'cancel-and-estimate'] as const
export type OnAbort = (typeof onAbortPolicies)[number]

/** Whose API a path that is carried whole is of. */
export type CarriedFamily = 'openai' | 'anthropic' | 'gemini'

/** What a budget sets a declared amount aside for, as the config names it. */
export const reservedFor = ['batches', 'caches', 'realtime', 'vectorStores', 'containers'] as const
export type ReservedFor = (typeof reservedFor)[number]

/** What is to be set aside, and counted where nothing better is told, for something whose cost its call does not bound. */
export interface DeclaredReserve {
  readonly usd: Nanos | undefined
  readonly tokens: number | undefined
}

/** Paths at a provider that nothing is known of here, opened by the config. */
export interface NativePath {
  /** As the provider's host has it; a `*` at the end stands for whatever follows. */
  readonly path: string
  readonly methods: readonly UpstreamCall['method'][]
  /** For each call. `undefined`: not declared. */
  readonly reserve: DeclaredReserve | undefined
}

/**
 * A configured provider: where, with which credentials, in which dialects. Anthropic on another cloud is another
 * provider with the same dialect, not another translator.
 */
export interface Provider {
  /** The name in the config. */
  readonly name: string
  readonly kind: string
  /** Scheme, host and port. The only place an attempt may connect to. */
  readonly origin: string
  /** The path of each dialect it speaks. */
  readonly endpoints: Readonly<Partial<Record<DialectName, string>>>
  /** What stands before `/files` and the like, for each API whose lifecycle paths it has. Absent: none. */
  readonly carries?: Readonly<Partial<Record<CarriedFamily, string>>> | undefined
  /** What the config declares for what no call bounds. */
  readonly reserves?: Readonly<Partial<Record<ReservedFor, DeclaredReserve>>> | undefined
  /** Further paths of it that the config opens. */
  readonly native?: readonly NativePath[] | undefined
  /** Never empty. A provider that needs no secret has one credential with an empty secret. */
  readonly credentials: readonly Credential[]
  /** The provider's id in the price book, when its list prices apply. */
  readonly priceProvider: string | undefined
  /** The name that is asked for says what a call costs, that in the answer does not: it leaves out the region. Absent: the answer's comes first. */
  readonly isPricedAsAsked?: boolean
  /** What it asks for the tokens of a model beyond its list, in per cent, and why. Absent: nothing for any. */
  surchargeOf?(modelName: string): { readonly percent: number; readonly why: string } | undefined
  readonly network: NetworkSettings
  /** What the operator promises of it, such as `region:eu`. Policies may require it. */
  readonly tags: readonly string[]
  /** `undefined`: drained where a budget is above the call, else broken off. */
  readonly onAbort?: OnAbort | undefined
  /** Words that calls translated for it may use beyond the published ones. Absent: none. */
  readonly takes?: ReadonlySet<TargetWord> | undefined
  /** Top-level keys of its dialect for which it refuses a call: nothing of ours says them. Absent: none. */
  readonly refuses?: ReadonlySet<string> | undefined
  /**
   * The whole set of headers of one attempt, as a flat list of names and values. Built from an allow-list: nothing the
   * client sent passes but what is named here (failures.md S5).
   * @param clientHeader reads one header of the client's, by its lower-case name.
   */
  headers(dialect: DialectName, credential: Credential, clientHeader: (name: string) => string | undefined): string[]
  /** How it wraps dialects that it did not make. Absent: each as it is. */
  readonly envelopes?: Readonly<Partial<Record<DialectName, Envelope>>> | undefined
  /** Whether one of its models is spoken to in one of its dialects. Absent: all in all. */
  speaks?(dialect: DialectName, modelName: string): boolean
  /**
   * What a call needs besides `headers`, and cannot be had from the credential alone: a signature over the whole of it, or a
   * token that expires and is fetched. Absent: nothing, and nothing is waited for.
   * @throws GatewayError `upstream_credential`, without a secret in it, when there is none to be had in time.
   */
  authorize?(call: UnauthorizedCall, means: AuthorizationMeans): Promise<Authorization>
}

/** A call that is ready to leave but for what proves that it is ours. */
export interface UnauthorizedCall extends Pick<UpstreamCall, 'origin' | 'method' | 'path' | 'headers' | 'body'> {
  readonly credential: Credential
}

/** What authorising a call may use. Handed in, since providers are pure. */
export interface AuthorizationMeans {
  readonly clock: Clock
  /** The way to whoever gives out tokens. */
  readonly upstream: Upstream
  /** Told of each fetch that failed; the problem's `cause` says what is not for clients: files, hosts of ours. */
  readonly onNoCredential?: (provider: string, problem: GatewayError) => void
}

/** What is fetched or signed for one call, after its intent and before its first byte. */
export interface Authorization {
  /** A flat list of names and values, none of which is in the call already. */
  readonly headers: readonly string[]
  /** What must not be told to anyone, should the provider quote it. */
  readonly secrets: readonly string[]
}

/** How connections to one provider are made. Connections made with different settings are never shared. */
export interface NetworkSettings {
  /** For the whole way: DNS, proxy, TLS. */
  readonly connectTimeoutMs: number
  readonly maxConnections: number
  /**
   * Whether its name may lead to private addresses (`address.ts`). `undefined`: only where the base URL itself is such an
   * address, or `localhost`.
   */
  readonly isPrivate?: boolean | undefined
  readonly proxy?: Proxy | undefined
  readonly tls?: UpstreamTls | undefined
}

/** An HTTP proxy that opens tunnels (CONNECT). */
export interface Proxy {
  readonly hostname: string
  readonly port: number
  /** The value of `proxy-authorization`. A secret. */
  readonly authorization: string | undefined
  /** Hosts that are reached without it (`proxy-exceptions.ts`). */
  readonly except: readonly string[]
}

export interface UpstreamTls {
  /** Who is trusted, PEM. `undefined`: the authorities that Node trusts. */
  readonly authorities: readonly string[] | undefined
  /** Shown to the provider, with its key. A secret. */
  readonly identity: { readonly certificate: string; readonly key: string } | undefined
  /** The name in the provider's certificate, where it is not that of the base URL. */
  readonly servername: string | undefined
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3'
}

/** What became of one way to a connection, for metrics. */
export type ConnectionNote =
  | { readonly kind: 'opened'; readonly provider: string; readonly tls: 'none' | 'new' | 'resumed' }
  | { readonly kind: 'failed'; readonly provider: string; readonly at: ConnectStage | 'deadline' }
  /** DNS gave no answer; an earlier one may have served. */
  | { readonly kind: 'dns-failed'; readonly provider: string }

export type ConnectStage = 'dns' | 'address' | 'connect' | 'proxy' | 'tls'

/** The one way to an upstream. Only `upstream.ts` opens connections; everyone else is handed this. */
export interface Upstream {
  /** Sends one whole call. The handler hears exactly one of `end` and `failure`, last, and nothing after `abort()`. */
  send(call: UpstreamCall, handler: UpstreamHandler): UpstreamExchange
  /** Closes idle connections and waits for running ones. */
  close(): Promise<void>
}

/** The way to a provider for connections that both sides write to at will. */
export interface UpstreamSockets {
  /**
   * Opens a WebSocket. What it says from then on is the caller's to read.
   * @throws GatewayError `upstream_unavailable`, `upstream_credential`, `upstream_rejected`; or what `cancelled` was aborted with.
   */
  openSocket(call: SocketCall, cancelled: AbortSignal): Promise<Duplex>
}

export interface SocketCall extends Pick<UpstreamCall, 'provider' | 'origin' | 'network' | 'path' | 'headers'> {
  /** What the provider must answer to the key in the headers. */
  readonly accept: string
}

/** One request as it goes out, credential and all. `headers` are a flat list of names and values. */
export interface UpstreamCall {
  /** The provider's name. Connections belong to one provider. */
  readonly provider: string
  readonly origin: string
  readonly network: NetworkSettings
  readonly method: 'GET' | 'POST' | 'DELETE' | 'PATCH'
  readonly path: string
  readonly headers: readonly string[]
  readonly body: Buffer
  /** Do not reuse an idle connection: the one before died of being stale. */
  readonly mustConnectAnew: boolean
}

/**
 * Hears what comes back: `head` at most once, then its chunks, and last exactly one of `end` and `failure`, which may come
 * alone.
 */
export interface UpstreamHandler {
  /** Status and headers are here. Header names are lower-case. */
  head(status: number, header: (name: string) => string | undefined): void
  /** Part of the body. The buffer is the handler's to keep. */
  chunk(bytes: Buffer): void
  /** The body is whole as HTTP frames it. */
  end(): void
  failure(failure: UpstreamFailure): void
}

/** A call on its way, for whoever sent it. */
export interface UpstreamExchange {
  /** Stops reading until `resume`: back-pressure. */
  pause(): void
  resume(): void
  /** Breaks the connection. The handler hears nothing more. */
  abort(): void
}

/**
 * How a try failed, by what we know of the provider's work (failures.md S3).
 * - `stale`: a reused idle connection died before a byte came back: one retry on a fresh one.
 * - `not-sent`: no byte of the call left. Free to try again anywhere.
 * - `refused`: the provider answered that it did no work (429, 5xx before any content).
 * - `unknown`: sent, and nothing came back: the provider may be working, and billing.
 * - `partial`: part of the answer came.
 */
export type FailureClass = 'stale' | 'not-sent' | 'refused' | 'unknown' | 'partial'

/** Why no whole answer came. Never a status: whatever a provider answers is an answer. */
export interface UpstreamFailure {
  readonly class: FailureClass
  readonly kind: 'upstream_unavailable' | 'upstream_cut' | 'upstream_timeout' | 'upstream_invalid'
  /** For the record and the log: `connect ECONNREFUSED`, `connect timeout`. No addresses of ours, no secrets. */
  readonly message: string
  /** Weir itself could not send it: that says nothing of the provider. */
  readonly isOurs?: boolean
}
