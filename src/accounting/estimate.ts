import { isFreeOfCharge, type Call, type Operation } from '../canonical/call.ts'
import { isJsonObject, type Json, type JsonObject } from '../canonical/json.ts'
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
    outputText: estimateOutput({ textBytes, contentFrames }),
  }
}

/** Of what was generated. */
export function estimateOutput({ textBytes, contentFrames }: Pick<Seen, 'textBytes' | 'contentFrames'>): number {
  return Math.max(contentFrames, Math.ceil(textBytes / outputBytesPerToken))
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
/** What Anthropic adds where there are tools: from 270 to 620 in recorded calls, the middle of those with models of today. */
const tokensForClaudeTools = 500

/**
 * How many tokens a call's body comes to, where nobody counts them: all of it by its bytes as they would be sent, and its media by
 * their number. A fair guess, to be told as one. Without recursion: a client may nest as it likes.
 * @param isForClaude whether a model of Anthropic's is asked: then tools add what their use is worded in.
 */
export function estimateTokensIn(body: JsonObject, isForClaude = false): number {
  const waiting: Json[] = [body]
  let media = 0
  let bytes = 0
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (isJsonObject(next)) {
      bytes += markBytes
      const { type } = next
      for (const [key, member] of Object.entries(next)) {
        bytes += bytesOfText(key)
        if (isMedium(key, member, type)) media += 1
        else waiting.push(member)
      }
    } else if (Array.isArray(next)) {
      bytes += markBytes
      for (const member of next) waiting.push(member)
    } else bytes += typeof next === 'string' ? bytesOfText(next) : String(next).length
  }
  return media * mediumTokens + estimateInput(bytes) + (isForClaude && hasTools(body) ? tokensForClaudeTools : 0)
}

/** Of what stands around a value or a key: tokenizers take most of it together with its neighbours. */
const markBytes = 1

function bytesOfText(text: string): number {
  return Buffer.byteLength(text) + markBytes
}

function hasTools({ tools }: JsonObject): boolean {
  return Array.isArray(tools) && tools.length > 0
}

/**
 * Where the dialects that count tokens have media: in base64, by URL, or as a file that their provider keeps. Anywhere else it is text
 * that the model reads, also where it is base64; a document may be given as plain text, too.
 * @param type of the object that holds it.
 */
function isMedium(key: string, member: Json, type: Json | undefined): boolean {
  if (typeof member !== 'string') return false
  const isInput = type === 'input_image' || type === 'input_file'
  switch (key) {
    case 'data':
      return type === 'base64' || (type !== 'text' && isBase64(member))
    case 'url':
      return type === 'url' || isBase64(member)
    case 'file_id':
      return type === 'file' || isInput
    case 'image_url':
    case 'file_url':
      return isInput || isBase64(member)
    case 'file_data':
      return isBase64(member)
    case 'fileUri':
    case 'file_uri':
      return true
    default:
      return false
  }
}

/** With or without the type before it. It may be megabytes long, and nobody writes prose there: its beginning tells. */
function isBase64(text: string): boolean {
  return text.length > 256 && /^(?:data:[^,]{0,100},)?[A-Za-z0-9+/_-]{256}/.test(text)
}
