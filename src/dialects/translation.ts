import type { ChatCall } from '../canonical/chat.ts'
import type { HeardFrame, ReplyEvent } from '../canonical/event.ts'
import type { JsonObject } from '../canonical/json.ts'
import type { Losses } from '../canonical/loss.ts'

/**
 * The translating half of a chat dialect: its own words to canonical ones and back, whole. Pure, like the rest of a dialect.
 * Used when client and provider speak different dialects, when a guardrail looks inside, and by the laws.
 */
export interface ChatTranslation {
  /**
   * It has words for texts alone: calls of other dialects never leave in it, and none of its own can ask for a tool, a picture or a
   * sound. Absent: it has words for conversations.
   */
  readonly isTextOnly?: true
  /**
   * Its clients put the texts of a choice together, whatever stood between them: what is held back of one may be told after other
   * things. Absent: a text that has ended has been told.
   */
  readonly joinsTexts?: true
  /** Its answers must tell a usage: where the provider tells none, they are given an estimate. Absent: they may leave it out. */
  readonly demandsUsage?: true
  /**
   * The whole question. Every node is frozen and remembers its wire value (`canonical/origin.ts`).
   * @throws GatewayError `invalid_request` naming the field, where its shape makes reading impossible.
   */
  readChat(body: JsonObject): ChatCall
  /**
   * Words a call in this dialect. Nodes that were read from this dialect and not edited are given back word for word; others
   * are written anew, and what has no word here is accounted for in `losses`.
   */
  writeChat(call: ChatCall, losses: Losses, settings: WriteSettings): JsonObject
  /**
   * The names of tools that `writeChat` must spell otherwise and cannot put back without the call: as they were, by the spelling
   * that the target is told. Absent: there are none.
   */
  toolNames?(call: ChatCall): ReadonlyMap<string, string>
  /** A unary answer as the events of a stream that arrived at once. */
  readAnswer(body: JsonObject): HeardFrame
  /** A unary answer. One that was read from this dialect and not edited is given back word for word. */
  writeAnswer(answer: HeardFrame, losses: Losses, settings: AnswerSettings): JsonObject
  /** One reader per stream. */
  openEvents(): EventReader
  /** One writer per stream. */
  openFrames(losses: Losses, settings: AnswerSettings): FrameWriter
}

export interface WriteSettings {
  /** For a dialect that demands an output cap when the caller set none. */
  readonly defaultOutputCapTokens: number
  /**
   * What this target is known to take besides the dialect's published words, or in place of them. A foreign call is worded
   * without what is not named here, since strict providers refuse a call for one unknown field. Absent: none.
   */
  readonly words?: ReadonlySet<TargetWord>
  /** Published top-level keys for which this target refuses a whole call: they are not said. Absent: none. */
  readonly refuses?: ReadonlySet<string>
}

/**
 * Words that only some providers of OpenAI Chat Completions take.
 * - `reasoning_content`, `reasoning`, `reasoning_details`, `thinking`: where earlier thoughts are handed back: DeepSeek,
 *   xAI, llama.cpp; Ollama, Groq; OpenRouter; Mistral's content parts.
 * - `cache_control` (OpenRouter), `prompt_cache_breakpoint` (OpenAI from gpt-5.6): marks of a prompt cache.
 * - `extra_content`: Gemini's thought signature of a tool call.
 * - `max_tokens`: the output cap is called that, not `max_completion_tokens`.
 * - `system_role`: a turn of the developer is one of the system; `effort_high_or_none`: `reasoning_effort` has these two words;
 *   `document_url`: a document is a part of its own, told by its address or its bytes as one: Mistral.
 * - `short_call_ids`: ids of tool calls are nine letters or digits, and no others are taken: Mistral.
 * - `top_k`, `min_p`: sampling beyond OpenAI's.
 */
export const targetWords = [
  'reasoning_content',
  'reasoning',
  'reasoning_details',
  'thinking',
  'cache_control',
  'prompt_cache_breakpoint',
  'extra_content',
  'max_tokens',
  'short_call_ids',
  'system_role',
  'effort_high_or_none',
  'document_url',
  'top_k',
  'min_p',
] as const

export type TargetWord = (typeof targetWords)[number]

export interface AnswerSettings {
  /** What the client is told the answering model is, and an id, where the provider's answer has none in this shape. */
  readonly modelName: string
  readonly requestId: string
  readonly nowSeconds: number
  /** Whether the client asked to be told usage in a stream. */
  readonly wantsStreamUsage: boolean
  /** For answers that must tell a usage, where the provider told none. Absent: nobody has guessed. */
  readonly estimatedInputTokens?: number
  /** The client's own body, for dialects whose answers say parts of it again. Absent: nothing is said again. */
  readonly asked?: JsonObject
}

export interface EventReader {
  /**
   * @param event the frame's event name; empty when it has none.
   * @param data the frame's data as UTF-8 bytes. Valid only during this call.
   */
  read(event: string, data: Buffer): HeardFrame
  /** Events that were still due when the provider's last frame came (blocks left open, a close never told). */
  end(): readonly ReplyEvent[]
}

export interface FrameWriter {
  /** SSE text for these events, each frame with its empty line; empty when they say nothing in this dialect. */
  write(frame: HeardFrame): string
  /** The dialect's ending: what was held back until now (usage), and its last frame. Only after a proper end (failures.md S1). */
  end(): string
}

/**
 * The translating half of a dialect whose operation is one question and one answer. Its laws are those of chats: what was read
 * from a dialect and not edited goes back to it word for word, and what has no word is accounted for.
 */
export interface OneAnswerTranslation<Question, Answer> {
  /** @throws GatewayError `invalid_request` naming the field, where its shape makes reading impossible. */
  readQuestion(body: JsonObject): Question
  /** @throws GatewayError `unsupported` where what is asked about has no word here, so that an answer would be to another question. */
  writeQuestion(question: Question, losses: Losses): JsonObject
  /** @throws GatewayError `upstream_invalid` where it is no answer. */
  readAnswer(body: JsonObject): Answer
  /** @param question that it answers, in whatever dialect it was asked. */
  writeAnswer(answer: Answer, question: Question, losses: Losses, settings: AnswerSettings): JsonObject
}
