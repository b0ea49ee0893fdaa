import { isFreeOfCharge, type Call, type Operation } from '../canonical/call.ts'
import { isJsonObject, type Json } from '../canonical/json.ts'
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
    inputUncached: estimateInput(inputBytes),
    outputText: Math.max(contentFrames, Math.ceil(textBytes / outputBytesPerToken)),
  }
}

/** Of the body that was sent. */
export function estimateInput(inputBytes: number): number {
  return Math.ceil(inputBytes / inputBytesPerToken)
}

/** What stands for the output of a call that sets no cap, until it has ended. */
export const assumedOutputTokens = 1_024

/** Nothing of these is written by a model. */
const writeNothing: ReadonlySet<Operation> = new Set(['embeddings', 'rerank', 'moderations'])

/**
 * Tokens of a call that has not begun, for limits: the body's bytes, and what it may write. Both are corrected at its end. A
 * cap counts whole, as providers count it for their own limits. Where nobody can guess it is 1: a limit that is over must hold up what
 * may use more of it.
 */
export function estimateAsked(call: Call, bodyBytes: number): TokenCount {
  const { operation, outputCapTokens, choiceCount } = call
  if (isFreeOfCharge(call) || call.asksNoTokens) return { input: 0, output: 0 }
  const input = Math.max(1, estimateInput(bodyBytes))
  if (operation === 'chat') return { input, output: (outputCapTokens ?? assumedOutputTokens) * choiceCount }
  return { input, output: writeNothing.has(operation) ? 0 : 1 }
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

/** What a picture or a page comes to, give or take: the middle of what providers count. */
const mediumTokens = 1_000
/** What stands around a message, a part or a tool. */
const tokensPerObject = 4

/**
 * How many tokens a call's body comes to, where nobody counts them: its texts by their bytes, its media by their number. A fair
 * guess, to be told as one. Without recursion: a client may nest as it likes.
 */
export function estimateTokensIn(body: Json): number {
  const waiting: Json[] = [body]
  let tokens = 0
  let textBytes = 0
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next === 'string') textBytes += Buffer.byteLength(next)
    else if (isJsonObject(next)) {
      tokens += tokensPerObject
      // A document may be given as plain text where others stand in base64.
      const mayHoldMedia = next['type'] !== 'text'
      for (const [key, member] of Object.entries(next))
        if (mayHoldMedia && mediaPlaces.has(key) && isMedium(member)) tokens += mediumTokens
        else waiting.push(member)
    } else if (typeof next === 'object' && next !== null) {
      for (const member of Object.values(next)) waiting.push(member)
    }
  }
  return tokens + estimateInput(textBytes)
}

/** Where the dialects that count tokens have media. Anywhere else it is text that the model reads, also where it is base64. */
const mediaPlaces: ReadonlySet<string> = new Set(['data', 'url', 'image_url', 'file_data'])

/** Base64, with or without the type before it. It may be megabytes long, and nobody writes prose there: its beginning tells. */
function isMedium(value: Json): boolean {
  return typeof value === 'string' && value.length > 256 && /^(?:data:[^,]{0,100},)?[A-Za-z0-9+/_-]{256}/.test(value)
}
