import { errorTable } from '../canonical/error.ts'
import type { Json } from '../canonical/json.ts'
import type { UpstreamProblem } from './dialect.ts'
import { maskIdentifiers } from './identifiers.ts'
import { problemKind } from './problem-kind.ts'
import { problemWords } from './problem-words.ts'

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
  return {
    kind,
    // What a provider says of our key or our account is not for those who call us.
    message: kind === 'upstream_credential' ? ownSentence : maskIdentifiers(words.message ?? ownSentence),
    param: words.param,
    providerCode: words.code ?? words.type,
  }
}

/** An answer with a success status that is no answer at all. */
export function invalidReply(what: string): UpstreamProblem {
  return {
    kind: 'upstream_invalid',
    message: `${errorTable.upstream_invalid.sentence}: ${what}`,
    param: undefined,
    providerCode: undefined,
  }
}
