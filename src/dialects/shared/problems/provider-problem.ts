import { errorTable, type ErrorKind } from '../../../canonical/error.ts'
import type { Json } from '../../../canonical/json.ts'
import type { UpstreamProblem } from '../../dialect.ts'
import { maskIdentifiers } from './identifiers.ts'
import { problemKind } from './problem-kind.ts'
import { problemWords, type ProblemWords } from './problem-words.ts'
import { toldWaitMs } from './told-wait.ts'

/**
 * Reads a provider's error. The dialects here share it: providers of one dialect use each other's shapes, and a proxy in
 * front of them its own.
 * @param status of the answer; `undefined` for an error inside a stream or under a success status.
 * @param body `undefined` when it was no JSON.
 */
export function readProviderProblem(status: number | undefined, body: Json | undefined): UpstreamProblem {
  const words = problemWords(body)
  const kind = problemKind(status, words)
  const ownSentence = kind === 'upstream_unavailable' ? failedSentence(status) : errorTable[kind].sentence
  const isLasting = kind === 'upstream_rate_limited' && tooLargeForAnyLimit.test(words.message ?? '')
  const mayTellWait = !isLasting && (kind === 'upstream_rate_limited' || kind === 'upstream_overloaded')
  const retryAfterMs = mayTellWait ? toldWaitMs(words.details, words.message) : undefined
  return {
    kind,
    message: isForClients(kind, status, words) ? maskIdentifiers(words.message ?? ownSentence) : ownSentence,
    param: words.param,
    providerCode: words.code ?? words.type,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(isLasting && { isLasting }),
  }
}

/**
 * Whether callers may read what the provider says: not of our key or our account, nor of a failure of its own that its words do not
 * explain, which may hold a stack trace, hosts and passwords.
 */
function isForClients(kind: ErrorKind, status: number | undefined, words: ProblemWords): boolean {
  if (kind === 'upstream_credential' || kind === 'upstream_unavailable') return false
  return status === undefined || status < 500 || problemKind(undefined, words) === kind
}

function failedSentence(status: number | undefined): string {
  return status === undefined ? 'the provider failed' : `the provider failed (status ${status})`
}

/**
 * Reads an error inside a stream, which some who stand between tell as plain text.
 * @param said the frame's JSON; `undefined` when it is none.
 */
export function readFrameProblem(said: Json | undefined, data: Buffer): UpstreamProblem {
  return readProviderProblem(undefined, said === undefined ? data.toString() : said)
}

/** OpenAI and Groq, with the status and the code of a passing limit (the shared corpus of errors, 2026). */
const tooLargeForAnyLimit = /^request too large\b/i

/** An answer with a success status that is no answer at all. */
export function invalidReply(what: string): UpstreamProblem {
  return {
    kind: 'upstream_invalid',
    message: `${errorTable.upstream_invalid.sentence}: ${what}`,
    param: undefined,
    providerCode: undefined,
  }
}
