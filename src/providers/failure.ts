import { connectWords } from './connect-problem.ts'
import type { UpstreamFailure } from './provider.ts'

/** What was seen of an exchange when its connection failed. */
export interface ExchangeFacts {
  /** A connection was there and the call was handed to it. */
  readonly wasHandedOver: boolean
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

/** Decides what a failure means, from the error and from how far the exchange had come (failures.md S3, D3 1-15). */
export function failureOf(error: Error, facts: ExchangeFacts): UpstreamFailure {
  const code = codeOf(error)
  if (!facts.wasHandedOver) return beforeSending(error, code)
  if (facts.hasHead) return insideBody(error, code, facts)
  if (facts.hasAnswerBegun || isNoHttp(error, code)) {
    if (isClosed(error, code) || isCutParse(error) || isDeath(code))
      return failure('unknown', 'upstream_cut', `the answer broke off in its head (${code})`)
    return failure('unknown', 'upstream_invalid', `the answer is not valid HTTP (${code})`)
  }
  if (isCertificateAlert(code)) return failure('not-sent', 'upstream_unavailable', connectWords(error, code))
  if (facts.isReused && facts.sentForMs < staleWithinMs)
    return failure('stale', 'upstream_unavailable', `a reused connection was found dead (${code})`)
  if (!facts.isReused && isFailedWrite(error) && facts.bodyBytes <= oneWriteBytes)
    return failure('not-sent', 'upstream_unavailable', `the connection died before the call was written (${code})`)
  if (code === 'ETIMEDOUT') return failure('unknown', 'upstream_timeout', 'the connection timed out')
  return failure('unknown', 'upstream_cut', `the connection broke before an answer (${code})`)
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

function beforeSending(error: Error, code: string): UpstreamFailure {
  if (code === 'CONNECT_TIMEOUT' || code === 'ETIMEDOUT')
    return failure('not-sent', 'upstream_timeout', 'connect timeout')
  // undici names the header at fault, never its value.
  if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED')
    return ours(`the call cannot be written as HTTP: ${error.message}`)
  if (code === 'UND_ERR_CLOSED' || code === 'UND_ERR_DESTROYED') return ours('the gateway is closing its connections')
  return failure('not-sent', 'upstream_unavailable', connectWords(error, code))
}

function insideBody(error: Error, code: string, facts: ExchangeFacts): UpstreamFailure {
  // A peer that ends the connection in good order before the length it announced has told a wrong length; whether by
  // mistake or by being cut, the answer is not what its head says.
  if (facts.declaresLength && isEarlyEnd(error, code))
    return failure('partial', 'upstream_invalid', 'the answer ended before its content-length')
  if (isEarlyEnd(error, code))
    return failure('partial', 'upstream_cut', 'the provider closed the connection mid-answer')
  if (code === 'ETIMEDOUT') return failure('partial', 'upstream_timeout', 'the connection timed out mid-answer')
  if (isDeath(code)) return failure('partial', 'upstream_cut', `the connection broke mid-answer (${code})`)
  return failure('partial', 'upstream_invalid', `the answer is not valid HTTP (${code})`)
}

/** The peer's FIN came before the end of the message, in whichever of its ways undici tells it. */
function isEarlyEnd(error: Error, code: string): boolean {
  return isClosed(error, code) || isCutParse(error) || code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'
}

function isDeath(code: string): boolean {
  return systemDeaths.has(code)
}

const systemDeaths: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ECONNABORTED',
  'ETIMEDOUT',
  'ENETDOWN',
  'EHOSTUNREACH',
])

/** undici has one code for a closed socket and for a senseless answer (`bad response`, `bad upgrade`); only the words differ. */
function isClosed(error: Error, code: string): boolean {
  return code === 'UND_ERR_SOCKET' && (error.message === 'other side closed' || error.message === 'closed')
}

// undici 8.12.4 builds this error's code from a table it reads the wrong way round (`HPE_undefined`, dropped), so that the
// parser's reason is found in the message only.
function isCutParse(error: Error): boolean {
  return error.name === 'HTTPParserError' && error.message.includes('Invalid EOF state')
}

/** Bytes came that are no HTTP at all, so that not even the start of an answer was seen. */
function isNoHttp(error: Error, code: string): boolean {
  return error.name === 'HTTPParserError' || code === 'UND_ERR_HEADERS_OVERFLOW' || error.message.startsWith('bad ')
}

function isFailedWrite(error: Error): boolean {
  return 'syscall' in error && error.syscall === 'write'
}

/** Codes only: messages of system errors hold addresses. */
function codeOf(error: Error): string {
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
