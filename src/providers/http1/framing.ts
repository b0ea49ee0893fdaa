import type { AnswerHead } from './answer-head.ts'

/** Where the body of an answer ends, and whether another answer may follow on its connection. */
export type Framing =
  | { readonly kind: 'none'; readonly mayFollow: boolean }
  | { readonly kind: 'sized'; readonly sizeBytes: number; readonly mayFollow: boolean }
  | { readonly kind: 'chunked'; readonly mayFollow: boolean }
  | { readonly kind: 'until-close'; readonly mayFollow: false }
  | { readonly kind: 'malformed'; readonly why: string }

/**
 * RFC 9112, 6.3, of answers to calls that are neither HEAD nor CONNECT. What it lets a reader mend is malformed here, since
 * another reader may mend it otherwise: a length beside chunks, a length told twice, a coding that we did not ask for.
 */
export function framingOf(head: AnswerHead): Framing {
  const { status, header } = head
  const coding = header('transfer-encoding')
  const length = header('content-length')
  if (coding !== undefined) {
    if (length !== undefined) return malformed('it has both a content-length and a transfer-encoding')
    if (coding.toLowerCase() !== 'chunked') return malformed('its transfer-encoding is not chunked')
  }
  if (length !== undefined && !lengthShape.test(length)) return malformed('its content-length is no length')
  const sizeBytes = Number(length ?? 0)
  const persists = keepsConnection(head)
  if (status === 101 || status === 204 || status === 304)
    // It has no body. One that is announced all the same may be on its way.
    return { kind: 'none', mayFollow: persists && sizeBytes === 0 && coding === undefined }
  if (coding !== undefined) return { kind: 'chunked', mayFollow: persists }
  return length === undefined
    ? { kind: 'until-close', mayFollow: false }
    : { kind: 'sized', sizeBytes, mayFollow: persists }
}

/** As many digits as a number holds exactly. */
const lengthShape = /^\d{1,15}$/

/** Whether more may come after it, as far as it says: servers of HTTP/1.0 only do so by special arrangement. */
export function keepsConnection({ minorVersion, header }: AnswerHead): boolean {
  return minorVersion === '1' && !closeToken.test(header('connection') ?? '')
}

const closeToken = /(?:^|,)[\t ]*close[\t ]*(?:,|$)/i

function malformed(why: string): Framing {
  return { kind: 'malformed', why }
}
