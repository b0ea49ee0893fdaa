import { errorTable } from '../../../canonical/error.ts'
import type { Json } from '../../../canonical/json.ts'
import type { UpstreamProblem } from '../../dialect.ts'
import { maskIdentifiers } from './identifiers.ts'
import { problemKind } from './problem-kind.ts'
import { problemWords } from './problem-words.ts'
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
  const ownSentence = errorTable[kind].sentence
  const isLasting = kind === 'upstream_rate_limited' && tooLargeForAnyLimit.test(words.message ?? '')
  const mayTellWait = !isLasting && (kind === 'upstream_rate_limited' || kind === 'upstream_overloaded')
  const retryAfterMs = mayTellWait ? toldWaitMs(words.details, words.message) : undefined
  return {
    kind,
    // What a provider says of our key or our account is not for those who call us.
    message: kind === 'upstream_credential' ? ownSentence : maskIdentifiers(words.message ?? ownSentence),
    param: words.param,
    providerCode: words.code ?? words.type,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(isLasting && { isLasting }),
  }
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
