import { connectWords } from './connect-problem.ts'
import type { Break } from './http1/connection.ts'
import type { UpstreamFailure } from './provider.ts'

/** What was seen of an exchange whose call was handed to a connection, when that failed. */
export interface ExchangeFacts {
  /** The connection had carried an exchange before this one. */
  readonly isReused: boolean
  /** A first byte of an answer came, be it an informational one. */
  readonly hasAnswerBegun: boolean
  /** Status and headers came. */
  readonly hasHead: boolean
  /** The head told the length of the body. */
  readonly declaresLength: boolean
  /** From handing the call over to the failure. */
  readonly sentForMs: number
  readonly bodyBytes: number
}

/**
 * A reused connection that dies this soon after the call was handed over is taken for a stale one. Later the provider may
 * well have been at work on our call, so that sending it again could be billed twice.
 */
export const staleWithinMs = 2_000

/** A call up to this size leaves in one system call, so when that write fails no byte of it has left. */
export const oneWriteBytes = 16 * 1024

/** Decides what a failure means, from what broke and from how far the exchange had come (failures.md S3, D3 1-15). */
export function failureOf(why: Break, facts: ExchangeFacts): UpstreamFailure {
  const code = codeOf(why)
  if (facts.hasHead) return insideBody(why, code, facts)
  if (why.kind === 'malformed')
    return failure('unknown', 'upstream_invalid', `the answer is not valid HTTP: ${why.problem}`)
  if (facts.hasAnswerBegun) {
    if (why.kind === 'closed' || systemDeaths.has(code))
      return failure('unknown', 'upstream_cut', `the answer broke off in its head (${code})`)
    return failure('unknown', 'upstream_invalid', `the answer is not valid HTTP (${code})`)
  }
  if (why.kind === 'error') {
    // On a connection that has carried an answer the handshake is over: there it may be about a call that was read.
    if (!facts.isReused && isCertificateAlert(code))
      return failure('not-sent', 'upstream_unavailable', connectWords(why.error, code))
    if (!facts.isReused && isFailedWrite(why.error) && facts.bodyBytes <= oneWriteBytes)
      return failure('not-sent', 'upstream_unavailable', `the connection died before the call was written (${code})`)
  }
  if (facts.isReused && facts.sentForMs < staleWithinMs)
    return failure('stale', 'upstream_unavailable', `a reused connection was found dead (${code})`)
  if (code === 'ETIMEDOUT') return failure('unknown', 'upstream_timeout', 'the connection timed out')
  return failure('unknown', 'upstream_cut', `the connection broke before an answer (${code})`)
}

/** No connection came to be: nothing of the call has left. */
export function failureToConnect(problem: Error): UpstreamFailure {
  const code = codeOf({ kind: 'error', error: problem })
  if (code === 'CONNECT_TIMEOUT' || code === 'ETIMEDOUT')
    return failure('not-sent', 'upstream_timeout', 'connect timeout')
  return failure('not-sent', 'upstream_unavailable', connectWords(problem, code))
}

/**
 * Under TLS 1.3 a client is done with the handshake before the server has judged its certificate (RFC 8446, 2), so that the
 * refusal comes when the call is on its way. The server reads nothing of it: the handshake never ended.
 */
function isCertificateAlert(code: string): boolean {
  return /^ERR_SSL_.*ALERT_(?:CERTIFICATE_[A-Z]+|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)$/.test(
    code,
  )
}

function insideBody(why: Break, code: string, { declaresLength }: ExchangeFacts): UpstreamFailure {
  switch (why.kind) {
    case 'closed':
      // A peer that ends the connection in good order before the length it announced has told a wrong length; whether by
      // mistake or by being cut, the answer is not what its head says.
      return declaresLength
        ? failure('partial', 'upstream_invalid', 'the answer ended before its content-length')
        : failure('partial', 'upstream_cut', 'the provider closed the connection mid-answer')
    case 'malformed':
      return failure('partial', 'upstream_invalid', `the answer is not valid HTTP: ${why.problem}`)
    case 'error':
      if (code === 'ETIMEDOUT') return failure('partial', 'upstream_timeout', 'the connection timed out mid-answer')
      return systemDeaths.has(code)
        ? failure('partial', 'upstream_cut', `the connection broke mid-answer (${code})`)
        : failure('partial', 'upstream_invalid', `the answer is not valid HTTP (${code})`)
  }
}

const systemDeaths: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ECONNABORTED',
  'ETIMEDOUT',
  'ENETDOWN',
  'EHOSTUNREACH',
])

function isFailedWrite(error: Error): boolean {
  return 'syscall' in error && error.syscall === 'write'
}

/** Codes only: messages of system errors hold addresses. */
function codeOf(why: Break): string {
  if (why.kind !== 'error') return why.kind
  const { error } = why
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}

/** It did not leave, and the provider has no part in that. */
export function ours(message: string): UpstreamFailure {
  return { class: 'not-sent', kind: 'upstream_unavailable', message, isOurs: true }
}

function failure(
  failureClass: UpstreamFailure['class'],
  kind: UpstreamFailure['kind'],
  message: string,
): UpstreamFailure {
  return { class: failureClass, kind, message }
}
