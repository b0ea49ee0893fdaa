/** One row of the table: what a kind of problem means to each side. Source: the design's section 8. */
interface ErrorRow {
  readonly status: number
  readonly openaiType: string
  readonly anthropicType: string
  /** May another target be tried? `policy`: only where the model's settings say so. Never after the client has seen a byte. */
  readonly mayTryAnother: 'no' | 'yes' | 'policy'
  readonly clientRetry: 'no' | 'yes' | 'after-retry-after' | 'until-reset'
  /** What a client is told when there is nothing more precise to say. */
  readonly sentence: string
}

const row = (
  status: number,
  openaiType: string,
  anthropicType: string,
  mayTryAnother: ErrorRow['mayTryAnother'],
  clientRetry: ErrorRow['clientRetry'],
  sentence: string,
): ErrorRow => ({ status, openaiType, anthropicType, mayTryAnother, clientRetry, sentence })

// prettier-ignore
// oxfmt-ignore
/** Every kind of problem a client can be told of. The kind is the stable `code` it sees, in its own dialect's envelope. */
export const errorTable = {
  invalid_request:         row(400, 'invalid_request_error', 'invalid_request_error', 'no', 'no', 'the request is not valid'),
  request_timeout:         row(408, 'invalid_request_error', 'invalid_request_error', 'no', 'yes', 'the request did not come in time'),
  request_too_large:       row(413, 'invalid_request_error', 'request_too_large', 'no', 'no', 'the request body is too large'),
  headers_too_large:       row(431, 'invalid_request_error', 'request_too_large', 'no', 'no', 'the request has too many or too large headers'),
  unsupported_media_type:  row(415, 'invalid_request_error', 'invalid_request_error', 'no', 'no', 'the request body has a type or encoding that is not accepted'),
  range_not_satisfiable:   row(416, 'invalid_request_error', 'invalid_request_error', 'no', 'no', 'the file has no such part: ask for one that is not behind its end'),
  endpoint_not_found:      row(404, 'invalid_request_error', 'not_found_error', 'no', 'no', 'there is no such endpoint'),
  method_not_allowed:      row(405, 'invalid_request_error', 'invalid_request_error', 'no', 'no', 'the endpoint does not accept this method'),
  lossy_refused:           row(400, 'invalid_request_error', 'invalid_request_error', 'no', 'no', 'the request cannot be translated without loss'),
  state_not_available:     row(400, 'invalid_request_error', 'invalid_request_error', 'no', 'no', 'the stored state is not available'),
  unsupported:             row(400, 'invalid_request_error', 'invalid_request_error', 'no', 'no', 'this is not supported'),
  unauthenticated:         row(401, 'authentication_error', 'authentication_error', 'no', 'no', 'no valid API key was given'),
  model_not_allowed:       row(403, 'permission_error', 'permission_error', 'no', 'no', 'this key may not use the model'),
  model_unpriced:          row(403, 'permission_error', 'permission_error', 'no', 'no', 'the model has no price'),
  guardrail_blocked:       row(403, 'permission_error', 'permission_error', 'no', 'no', 'a guardrail blocked this'),
  model_not_found:         row(404, 'invalid_request_error', 'not_found_error', 'no', 'no', 'there is no such model'),
  object_not_found:        row(404, 'invalid_request_error', 'not_found_error', 'no', 'no', 'there is no such object'),
  rate_limited:            row(429, 'rate_limit_error', 'rate_limit_error', 'no', 'after-retry-after', 'a rate limit is reached'),
  concurrency_limited:     row(429, 'rate_limit_error', 'rate_limit_error', 'no', 'after-retry-after', 'too many requests at once'),
  budget_exceeded:         row(429, 'insufficient_quota', 'rate_limit_error', 'no', 'until-reset', 'a budget is exhausted'),
  context_length_exceeded: row(400, 'invalid_request_error', 'invalid_request_error', 'policy', 'no', 'the input is longer than the model can read'),
  content_policy:          row(400, 'invalid_request_error', 'invalid_request_error', 'policy', 'no', 'the provider refused the content'),
  upstream_rate_limited:   row(429, 'rate_limit_error', 'rate_limit_error', 'yes', 'after-retry-after', 'the provider limits our rate'),
  upstream_overloaded:     row(503, 'server_error', 'overloaded_error', 'yes', 'after-retry-after', 'the provider is overloaded'),
  upstream_rejected:       row(400, 'invalid_request_error', 'invalid_request_error', 'no', 'no', 'the provider refused the request'),
  upstream_credential:     row(502, 'server_error', 'api_error', 'yes', 'yes', 'the gateway could not authenticate at the provider'),
  upstream_unavailable:    row(502, 'server_error', 'api_error', 'yes', 'yes', 'the provider could not be reached'),
  upstream_invalid:        row(502, 'server_error', 'api_error', 'yes', 'yes', 'the provider gave an answer that is not valid'),
  upstream_cut:            row(502, 'server_error', 'api_error', 'yes', 'yes', 'the provider broke off its answer'),
  upstream_timeout:        row(504, 'timeout_error', 'timeout_error', 'yes', 'yes', 'the provider did not answer in time'),
  ledger_unavailable:      row(503, 'server_error', 'overloaded_error', 'no', 'after-retry-after', 'the ledger is not available'),
  store_unavailable:       row(503, 'server_error', 'overloaded_error', 'no', 'after-retry-after', 'the store is not available'),
  overloaded:              row(503, 'server_error', 'overloaded_error', 'no', 'after-retry-after', 'the gateway is overloaded'),
  draining:                row(503, 'server_error', 'overloaded_error', 'no', 'after-retry-after', 'the gateway is shutting down'),
  internal:                row(500, 'server_error', 'api_error', 'no', 'yes', 'the gateway made a mistake'),
} as const satisfies Record<string, ErrorRow>

/** What went wrong, in one word for the whole house. What follows from each, `errorTable` says. */
export type ErrorKind = keyof typeof errorTable

interface ErrorDetail {
  /** The field of the client's body that is at fault, in the client's own spelling. */
  readonly param?: string | undefined
  readonly retryAfterSeconds?: number | undefined
  /** The same call will be refused again, however long the client waits. */
  readonly isLasting?: boolean
  /** What a program may want to read of it, beside the sentence: amounts, names, moments. Shown to the client. */
  readonly facts?: Readonly<Record<string, string | null>> | undefined
  /** The provider's own code and type, when the problem began there. Words from a table, never bodies. */
  readonly providerCode?: string | undefined
  /** Of the whole, where a part was asked for that it has not. */
  readonly sizeBytes?: number | undefined
  readonly cause?: unknown
}

/** The one class of problems made for users. Anything else that is thrown is a bug and is told as `internal`, with an id to quote. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError'
  readonly kind: ErrorKind
  readonly param: string | undefined
  readonly retryAfterSeconds: number | undefined
  readonly isLasting: boolean
  readonly providerCode: string | undefined
  readonly facts: Readonly<Record<string, string | null>> | undefined
  readonly sizeBytes: number | undefined

  constructor(kind: ErrorKind, message: string = errorTable[kind].sentence, detail: ErrorDetail = {}) {
    super(message, { cause: detail.cause })
    this.kind = kind
    this.param = detail.param
    this.retryAfterSeconds = detail.retryAfterSeconds
    this.isLasting = detail.isLasting ?? false
    this.providerCode = detail.providerCode
    this.facts = detail.facts
    this.sizeBytes = detail.sizeBytes
  }

  get status(): number {
    return errorTable[this.kind].status
  }
}

/** Narrows anything thrown to a problem a client may be told of. What is not ours becomes `internal`, its text kept from the client. */
export function asGatewayError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown
  return new GatewayError('internal', undefined, { cause: thrown })
}
