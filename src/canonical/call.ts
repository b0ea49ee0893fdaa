import type { Usage } from './usage.ts'

/** What is asked of a model, whatever the dialect. `carried`: of a provider, in words that are not looked into. */
export type Operation =
  | 'chat'
  | 'embeddings'
  | 'rerank'
  | 'moderations'
  | 'count-tokens'
  | 'images'
  | 'speech'
  | 'transcription'
  | 'audio-translation'
  | 'carried'

/** What a model must be able to do to serve a call. */
export type Need = 'tools' | 'images' | 'documents' | 'audio' | 'structured-output' | 'reasoning' | 'logprobs'

/**
 * The canonical question: what permission, limits, routing and records need to know of a client's body. The body itself
 * travels beside it as the original bytes; the blocks of its messages join this form with translation.
 */
export interface Call {
  readonly operation: Operation
  /** As the client wrote it: an alias, a wildcard's instance, or a provider's own name. */
  readonly modelName: string
  readonly isStream: boolean
  /** The most output tokens the client asked for, per choice. `undefined`: it set no cap. */
  readonly outputCapTokens: number | undefined
  /** How many answers are asked for (`n`). At least 1. */
  readonly choiceCount: number
  /** Whether the client itself asked to be told usage in the stream. Where the dialect always tells it: true. */
  readonly wantsStreamUsage: boolean
  readonly needs: ReadonlySet<Need>
  /** The client's own label for its end user. Recorded under the key, never trusted as identity (failures.md A10). */
  readonly endUser: string | undefined
  /** Which of several methods of its dialect is called, where the path says so and they are worded differently. */
  readonly method?: string | undefined
  /**
   * The most that it can come to besides what its body is read for: units of its operation (pictures, searches), and tokens that no
   * output cap bounds. Absent: nothing.
   */
  readonly most?: Partial<Usage>
  /** What of that it comes to as a rule: for an estimate, where nobody tells. Absent: nothing. */
  readonly likely?: Partial<Usage>
  /** What of the call its provider has kept. Absent: the call says all there is to say. */
  readonly state?: readonly StateReference[]
  /** How many inputs it holds, each of which may fill the model's window by itself. Absent: one. */
  readonly inputCount?: number
  /**
   * What of it has no word in any other dialect and cannot be left out, such as `several prompts`: it is served in its own dialect
   * or not at all. Absent: it may be translated, with losses.
   */
  readonly untranslatable?: string
  /** Nothing is generated for it, though its operation may be: a file that is looked at, say. Absent: something may be. */
  readonly asksNoTokens?: true
  /** What of it is text that only its model can read, such as `a text as numbers of tokens`. Absent: nothing. */
  readonly unreadable?: string
}

/** Whether nothing is generated or billed for it anywhere: it draws on no budget and counts against no limit of tokens. */
export function isFreeOfCharge({ operation }: Pick<Call, 'operation'>): boolean {
  return operation === 'count-tokens'
}

/** Something that one provider keeps, and a call names: nobody else can read it. */
export interface StateReference {
  /**
   * - `answer`: an earlier answer, or a part of one. It was made through Weir, or it is nobody's.
   * - `object`: made at the provider itself, such as a prompt.
   * - `file`, `cache`, `store` (of vectors), `container`, `conversation`: made through Weir too, or nobody's.
   * - `thought`: of an earlier answer, of which the call holds no more than the name.
   */
  readonly kind: 'answer' | 'file' | 'cache' | 'store' | 'container' | 'conversation' | 'object' | 'thought'
  readonly id: string
  /** The field that names it, in the client's own spelling. */
  readonly param: string
}
