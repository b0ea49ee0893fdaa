import type { Json, JsonObject } from './json.ts'

/**
 * The canonical question, whole: what a chat call says, at the finest grain among the dialects. Read when a call must be
 * translated or looked into; a passed-through call is judged by its `Call` alone. Every node is frozen, remembers the wire
 * value it was read from (`origin.ts`), and is changed only by `edit`. `undefined`: the caller did not say.
 */
export interface ChatCall {
  readonly modelName: string
  readonly isStream: boolean
  /** In the caller's order, system and developer turns where they stood. */
  readonly messages: readonly Message[]
  readonly tools: readonly Tool[] | undefined
  readonly toolChoice: ToolChoice | undefined
  readonly mayCallToolsInParallel: boolean | undefined
  /** Per choice. */
  readonly outputCapTokens: number | undefined
  readonly temperature: number | undefined
  readonly topP: number | undefined
  readonly topK: number | undefined
  readonly minP: number | undefined
  readonly stopSequences: readonly string[] | undefined
  readonly seed: number | undefined
  readonly presencePenalty: number | undefined
  readonly frequencyPenalty: number | undefined
  readonly logitBias: JsonObject | undefined
  readonly choiceCount: number | undefined
  readonly logprobs: Logprobs | undefined
  readonly outputFormat: OutputFormat | undefined
  readonly reasoning: Reasoning | undefined
  readonly verbosity: string | undefined
  readonly endUser: string | undefined
  /** The caller's own labels, as they are. */
  readonly metadata: JsonObject | undefined
  readonly serviceTier: string | undefined
  readonly wantsStreamUsage: boolean | undefined
  /** A cache mark on the call as a whole. */
  readonly cache: CacheMark | undefined
}

/** One turn. Neighbours may have the same role: a target that does not take them so is told them joined. */
export interface Message {
  readonly role: 'system' | 'developer' | 'user' | 'assistant' | 'tool'
  readonly blocks: readonly Block[]
  /** The participant's name, where the dialect has one. */
  readonly name: string | undefined
}

/** A piece of a message. `json` stands in results of tools only. */
export type Block =
  | TextBlock
  | JsonBlock
  | RefusalBlock
  | ThoughtBlock
  | MediaBlock
  | ToolUseBlock
  | ToolResultBlock
  | OpaqueBlock

interface Cacheable {
  /** Everything up to here may be kept in a prompt cache. */
  readonly cache: CacheMark | undefined
}

export interface CacheMark {
  /** `undefined`: the provider's own default. */
  readonly ttl: '5m' | '1h' | undefined
}

export interface TextBlock extends Cacheable {
  readonly kind: 'text'
  readonly text: string
  /** In the wording of the dialect they came from; kept within it, a loss elsewhere. */
  readonly citations: readonly Json[] | undefined
  /** Opaque to everyone but the model that wrote the text (Gemini signs texts too). */
  readonly signature?: string | undefined
}

/** A value as a tool gave it, where a dialect takes values and not only their text. Stands in results of tools only. */
export interface JsonBlock {
  readonly kind: 'json'
  readonly value: Json
}

export interface RefusalBlock {
  readonly kind: 'refusal'
  readonly text: string
}

/** What a model thought. Only the model that signed it can read its signature; it is carried word for word or not at all. */
export interface ThoughtBlock {
  readonly kind: 'thought'
  readonly text: string
  readonly signature: string | undefined
  /** Encrypted whole: there is no text to read, only this to hand back. */
  readonly redactedData: string | undefined
  /**
   * Who can read the signature or the encrypted text, where the wire says so: `anthropic-claude-v1`, `google-gemini-v1`,
   * `openai-responses-v1`, `xai-responses-v1` (OpenRouter's published names). Absent: not said.
   */
  readonly signatureFormat?: string | undefined
}

export interface MediaBlock extends Cacheable {
  readonly kind: 'image' | 'document' | 'audio'
  readonly source: MediaSource
  /** How closely to look at an image (`low`, `high`, `auto`). */
  readonly detail: string | undefined
  readonly fileName: string | undefined
  readonly title: string | undefined
  /** Text about the document that is not part of it. */
  readonly note: string | undefined
  /** The model is asked to cite from this document. */
  readonly wantsCitations: boolean | undefined
  /** What a search gave, and where it was found: an address or any other name. Its source is blocks of text. Absent: no search found it. */
  readonly foundAt?: string | undefined
}

/** Where the bytes of a picture, a document or a sound are. Media types are those of IANA, `image/png`. */
export type MediaSource =
  | { readonly kind: 'base64'; readonly mediaType: string; readonly base64: string }
  | { readonly kind: 'url'; readonly url: string }
  /** State at one provider: nobody else can read it. */
  | { readonly kind: 'file'; readonly fileId: string }
  | { readonly kind: 'text'; readonly mediaType: string; readonly text: string }
  /** A document written in the call itself, piece by piece: texts and images. */
  | { readonly kind: 'blocks'; readonly blocks: readonly Block[] }

/** A model calls a tool. Its `id` is what the result names. */
export interface ToolUseBlock extends Cacheable {
  readonly kind: 'tool-use'
  readonly id: string
  readonly name: string
  /** JSON text as the model wrote it, which need not be valid. Empty arguments are `{}`. */
  readonly argumentsText: string
  /** Opaque to everyone but the model that made it (Gemini's thought signature of a call). */
  readonly signature: string | undefined
}

/** What a tool gave, for the call whose `id` it names; its blocks may be of any kind that a tool can give. */
export interface ToolResultBlock extends Cacheable {
  readonly kind: 'tool-result'
  readonly toolUseId: string
  readonly blocks: readonly Block[]
  readonly isError: boolean | undefined
}

/** Something that only its own dialect has a word for: built-in tools, containers, connectors. Travels whole, or is a loss. */
export interface OpaqueBlock {
  readonly kind: 'opaque'
  /** The wire's own type, for the name of the loss. */
  readonly type: string
}

/** What the model may call. `opaque`: one that the provider runs itself, which its own dialect alone can name. */
export type Tool =
  | (Cacheable & {
      readonly kind: 'function'
      readonly name: string
      readonly description: string | undefined
      /** A JSON Schema, free-form. `undefined`: takes nothing. */
      readonly schema: JsonObject | undefined
      readonly isStrict: boolean | undefined
    })
  | { readonly kind: 'opaque'; readonly type: string }

/** Whether the model is to call a tool: as it likes (`auto`), one of its choice at least (`any`), none, or this one. */
export type ToolChoice =
  | { readonly kind: 'auto' | 'any' | 'none' }
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'opaque'; readonly type: string }

/** Whether probabilities of tokens are asked for, and of how many others beside each. */
export interface Logprobs {
  readonly isWanted: boolean
  readonly topCount: number | undefined
}

/** The form that the answer is to have. Only `json-schema` says more of its JSON than that it is an object. */
export type OutputFormat =
  | { readonly kind: 'text' }
  | { readonly kind: 'json-object' }
  | {
      readonly kind: 'json-schema'
      readonly name: string | undefined
      readonly description: string | undefined
      readonly schema: JsonObject
      readonly isStrict: boolean | undefined
    }

/** How much to think. `effort` and `budgetTokens` are two spellings of one wish; a caller may say either. */
export interface Reasoning {
  readonly mode: 'on' | 'off' | 'adaptive' | undefined
  readonly effort: string | undefined
  readonly budgetTokens: number | undefined
  /** Whether thoughts are shown, summarised or left out (`summarized`, `omitted`). */
  readonly display: string | undefined
}
