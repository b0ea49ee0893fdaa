import type { Call } from '../canonical/call.ts'
import type { TokenCount } from '../canonical/limit.ts'
import { inputTokensOf, noUsage, outputTokensOf, type Usage } from '../canonical/usage.ts'

/** What went over the wire, when nobody counted tokens. */
export interface Seen {
  /** Of the body that was sent. */
  readonly inputBytes: number
  /** Of generated text and tool arguments. */
  readonly textBytes: number
  /** Frames of the stream that held content. */
  readonly contentFrames: number
}

/** English prose and code have about four bytes in a token; other scripts, and base64, up to four times fewer. */
const inputBytesPerToken = 4
/** What is answered is counted more carefully, since output is the dearer half. */
const outputBytesPerToken = 3

/**
 * Usage where the provider told none. An estimate, and recorded as one (usage source `estimated`): a fair guess, neither a
 * bound nor what the provider will bill. A stream's frames hold a token or more each, so that they are a lower bound.
 */
export function estimateUsage({ inputBytes, textBytes, contentFrames }: Seen): Usage {
  return {
    ...noUsage,
    inputUncached: Math.ceil(inputBytes / inputBytesPerToken),
    outputText: Math.max(contentFrames, Math.ceil(textBytes / outputBytesPerToken)),
  }
}

/** What stands for the output of a call that sets no cap, until it has ended. */
export const assumedOutputTokens = 1_024

/**
 * Tokens of a call that has not begun, for limits: the body's bytes, and what it may write. Both are corrected at its end. A
 * cap counts whole, as providers count it for their own limits.
 */
export function estimateAsked({ operation, outputCapTokens, choiceCount }: Call, bodyBytes: number): TokenCount {
  return {
    input: Math.ceil(bodyBytes / inputBytesPerToken),
    output: operation === 'chat' ? (outputCapTokens ?? assumedOutputTokens) * choiceCount : 0,
  }
}

/**
 * Completes what a provider said before its answer was cut (usage source `partial`). Anthropic tells the input at the
 * start, with an output of a few tokens that the stream then outgrows: the provider's input stands, and output is the
 * larger of the two.
 */
export function mergePartial(told: Usage, estimate: Usage): Usage {
  const unseenOutput = Math.max(0, outputTokensOf(estimate) - outputTokensOf(told))
  return {
    ...told,
    inputUncached: inputTokensOf(told) > 0 ? told.inputUncached : estimate.inputUncached,
    outputText: told.outputText + unseenOutput,
  }
}
