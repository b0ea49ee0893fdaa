import type { Call, Operation } from '../canonical/call.ts'
import type { ChatCall } from '../canonical/chat.ts'
import type { ErrorKind, GatewayError } from '../canonical/error.ts'
import type { Extent } from '../canonical/extent.ts'
import type { Json, JsonObject } from '../canonical/json.ts'
import type { RerankAnswer, RerankCall } from '../canonical/rerank.ts'
import type { Service } from '../canonical/service.ts'
import type { Usage } from '../canonical/usage.ts'
import type { Nanos } from '../canonical/money.ts'
import type { Framing } from '../wire/framing.ts'
import type { EmbeddingsAnswer, EmbeddingsCall } from '../canonical/embeddings.ts'
import type { KeptNames } from './kept-names.ts'
import type { ChatTranslation, OneAnswerTranslation, TargetWord } from './translation.ts'

/** The dialects that translate. The laws of translation hold for each (`laws/material/`). */
export const chatDialectNames = [
  'openai-chat',
  'anthropic-messages',
  'openai-responses',
  'gemini-generate',
  'bedrock-converse',
  'cohere-chat',
  'openai-completions',
  'ollama-chat',
] as const
export type ChatDialectName = (typeof chatDialectNames)[number]

export const dialectNames = [
  ...chatDialectNames,
  'openai-embeddings',
  'gemini-embeddings',
  'cohere-embeddings',
  'voyage-embeddings',
  'jina-rerank',
  'cohere-rerank',
  'voyage-rerank',
  'openai-moderations',
  'anthropic-count-tokens',
  'gemini-count-tokens',
  'openai-input-tokens',
  'openai-images',
  'openai-image-edits',
  'openai-image-variations',
  'openai-speech',
  'openai-transcriptions',
  'openai-translations',
] as const
export type DialectName = (typeof dialectNames)[number]

/**
 * One dialect: how one published API words its calls, answers, streams, errors and usage. Pure: no clock, no network, no
 * state between calls. It serves both sides, and knows no other dialect and no provider.
 */
export interface Dialect {
  readonly name: DialectName
  readonly operation: Operation
  /** For a dialect that says in the path what others say in the body. */
  readonly address?: Address
  /** The header in which its clients list what of it is not published yet. Absent: there is none. */
  readonly betaHeader?: 'anthropic-beta' | 'openai-beta'
  /**
   * How the streams of its clients are framed. Absent: as server-sent events, in which every dialect writes its own within the
   * house. How a provider frames its streams its answer says.
   */
  readonly framing?: Framing
  /**
   * Reads a client's body.
   * @throws GatewayError `invalid_request` naming the field, where a field we act on has an impossible value.
   */
  readCall(body: JsonObject): Call
  /** What bounds the input of a call. Walks the body: asked only when a bound is wanted. */
  readExtent(body: JsonObject): Extent
  /**
   * Whether the value at this path is free-form (a tool's schema or arguments, metadata), so that repeated keys inside
   * it are the client's own business. Array places are given as numbers.
   */
  isFreeForm(path: readonly (string | number)[]): boolean
  /** By which members its bodies name what a provider keeps. Absent: they name nothing of the kind. */
  readonly kept?: KeptNames
  /**
   * What must be written into the client's body before it may travel upstream. Paths are top-level keys.
   * @param words that the target is known to take besides the dialect's published ones, or in place of them.
   */
  upstreamEdits(
    body: JsonObject,
    call: Call,
    targetModelName: string,
    words?: ReadonlySet<TargetWord>,
  ): readonly BodyEdit[]
  /**
   * What makes a target obey a cap on the output of each choice: nothing where the body sets one under a name that it obeys.
   * @param words that the target is known to take besides the dialect's published ones.
   */
  outputCapEdits(body: JsonObject, tokens: number, words: ReadonlySet<TargetWord> | undefined): readonly BodyEdit[]
  /**
   * Reads a unary answer with a success status. A body that holds an error all the same is told as `problem`.
   * @param header of the answer by its name in small letters, for dialects whose usage some tell there.
   */
  readReply(body: Json, header?: (name: string) => string | undefined): ReplyFacts
  /**
   * What is wrong with an answer that `readReply` takes for one, as an answer to this call: it has too few vectors, say. `undefined`:
   * nothing. Absent: whatever is an answer at all is one to the call.
   */
  faultIn?(reply: JsonObject, call: Call): string | undefined
  /** Whether its clients may send forms with files (`multipart/form-data`). They are passed on byte for byte. */
  readonly takesForms?: boolean
  /**
   * Reads an answer with a success status that is no JSON, such as sound or plain text, where the dialect has such. With it, a
   * provider may also answer as a whole what was asked for as a stream.
   */
  readonly readBytes?: (bytes: Buffer) => ReplyFacts
  /** Reads one streamed answer, frame by frame. One reader per stream. */
  openStream(call: Call): StreamReader
  /**
   * Reads an answer with a failure status. `body` is `undefined` when it was no JSON (an HTML page, an empty body).
   * @param header of the answer by its name in small letters, for dialects that tell a problem there too.
   */
  readProblem(status: number, body: Json | undefined, header?: (name: string) => string | undefined): UpstreamProblem
  /** The unary error envelope. Never holds upstream bodies or stack traces. */
  writeProblem(problem: GatewayError, requestId: string): JsonObject
  /**
   * The dialect's own headers for what its caller's limits leave, as a flat list of names and values.
   * @param nowMs wall time, for dialects that tell moments.
   */
  writeLimits(limits: ShownLimits, nowMs: number): readonly string[]
  /** Its words to canonical ones and back. `undefined` for an operation that only one dialect has. */
  readonly translation: ChatTranslation | undefined
  /** The same for an operation that is one question and one answer. */
  readonly embeddings?: OneAnswerTranslation<EmbeddingsCall, EmbeddingsAnswer>
  readonly rerank?: OneAnswerTranslation<RerankCall, RerankAnswer>
  /**
   * For a dialect that counts tokens: the chat that is counted, and where in the body it stands, with the point behind it; empty: it is
   * the body itself.
   * @throws GatewayError `invalid_request` naming the field, where its shape makes reading impossible.
   */
  readonly counts?: (body: JsonObject) => { readonly chat: ChatCall; readonly path: string }
  /** For a dialect that counts tokens: how it tells a count. */
  readonly writeCount?: (tokens: number) => JsonObject
  /** The SSE text that tells a client mid-stream that the answer will not end well. Ends with an empty line. */
  writeStreamProblem(problem: GatewayError, requestId: string): string
}

/** A dialect of conversations, or of texts that go on: it translates. */
export interface ChatDialect extends Dialect {
  readonly name: ChatDialectName
  readonly translation: ChatTranslation
}

/** How a house words errors and limits, in all its dialects. */
export type Envelope = Pick<Dialect, 'writeProblem' | 'writeStreamProblem' | 'writeLimits'>

/**
 * What a dialect says in the path. Within the house it stands in the body like everything else, so that there is one way to read
 * a call: whoever takes a call in puts these members into the body's value, and whoever sends one out leaves them out.
 */
export interface Address {
  /** The top-level keys that stand in the path. */
  readonly members: readonly string[]
  /** Those members, of a path without its query; `undefined` for a path of another kind. */
  read(path: string): JsonObject | undefined
  /** Whether a stream is wanted as one JSON array and not as events, by the query of the path. */
  isArray(query: string): boolean
  /**
   * @param endpoint what a provider gives as the dialect's path.
   * @param method the call's own, where the dialect has several.
   */
  pathFor(endpoint: string, modelName: string, isStream: boolean, method?: string): string
}

/** By what is counted, the limit that leaves least; `undefined` where there is none. */
export type ShownLimits = Readonly<
  Record<'requests' | 'tokens' | 'inputTokens' | 'outputTokens', ShownLimit | undefined>
>

export interface ShownLimit {
  readonly most: number
  readonly remaining: number
  /** Until all of it is free again, if nothing more is used. */
  readonly resetMs: number
}

/** Sets one top-level key of a JSON object to a value, in place when the key exists, else as a new last member. */
export interface BodyEdit {
  readonly key: string
  readonly value: Json
}

/** What a reply says of itself. */
export interface ReplyFacts {
  /** `undefined`: the answer holds no usage. */
  readonly usage: Usage | undefined
  /** Tokens of other models are in it, so that no one price holds for it. */
  readonly mixesModels?: boolean | undefined
  /** Absent: as the lists of prices mean, or nothing is said of it. */
  readonly service?: Service | undefined
  readonly responseModel: string | undefined
  /** What the provider says it charges, where it says so. */
  readonly providerCostNanos: Nanos | undefined
  /** Present when the provider sent an error with a success status. */
  readonly problem: UpstreamProblem | undefined
  /** Bytes of generated text (and tool arguments), for an estimate where usage is missing. */
  readonly textBytes: number
  /** The names under which the provider has kept the answer and its parts for a while, for later calls. Absent: none. */
  readonly storedIds?: readonly string[]
  /** The same of files that the answer has made. */
  readonly storedFileIds?: readonly string[] | undefined
  /** Those of parts that a conversation holds, and that are kept for as long as it is. Absent: none. */
  readonly itemIds?: readonly string[]
}

/**
 * What one frame of a stream means to the relay.
 * - `quiet`: an opening, a ping, a comment: nothing a client could act on, so another target may still be tried.
 * - `content`: part of the answer.
 * - `usage`: exists only because we asked for usage; the client did not, and must not see it.
 * - `end`: the provider's own last frame. After it the answer is whole.
 * - `may-end`: with it the answer is whole, and most often it is the last frame: for a dialect that has none of its own to end a
 *   stream, so that only the end of the bytes tells. If another frame follows, it was `content`.
 * - `error`: the provider reports a problem inside the stream; `problem()` tells it.
 */
export type FrameMeaning = 'quiet' | 'content' | 'usage' | 'may-end' | 'end' | 'error'

export interface StreamReader {
  /**
   * @param event the frame's event name; empty when it has none.
   * @param data the frame's data as UTF-8 bytes, several data lines joined by LF. Valid only during this call.
   */
  read(event: string, data: Buffer): FrameMeaning
  /** What the stream has said so far. May be asked at any time, also after a cut. */
  facts(): StreamFacts
}

export interface StreamFacts extends ReplyFacts {
  /** Whether `usage` is the provider's final word (true), or only what it said before it was cut. */
  readonly isUsageFinal: boolean
  /** Whether the answer had come to its natural end even if the last frame never came (every choice had a finish reason). */
  readonly isComplete: boolean
  /** Content frames seen: a lower bound of the tokens delivered. */
  readonly contentFrames: number
}

/** A provider's problem, classified into our table by the words of the dialect it was told in. */
export interface UpstreamProblem {
  readonly kind: ErrorKind
  /** The provider's own sentence when it gave one as a string; never HTML or a whole body. At most 2,000 characters. */
  readonly message: string
  readonly param: string | undefined
  /** The provider's own code or type, for the record and for support. */
  readonly providerCode: string | undefined
  /** How long it wants to be left alone, where the body says so. Absent: it does not. */
  readonly retryAfterMs?: number | undefined
  /** A rate limit that the call alone would pass: it will be refused again, however long anyone waits. */
  readonly isLasting?: boolean
}
