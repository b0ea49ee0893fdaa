import type { Usage } from './usage.ts'

/**
 * The canonical question for reranking, whole: which of these documents answer the query best? It follows the laws of nodes:
 * frozen, remembering the wire value, changed only by `edit`.
 */
export interface RerankCall {
  readonly modelName: string
  readonly query: RerankText
  /** In the caller's order, to which the answer refers by place. */
  readonly documents: readonly RerankText[]
  /** How many of the best are wanted. `undefined`: all. */
  readonly topCount: number | undefined
  /** Whether the answer is to repeat the documents. `undefined`: as the provider does. */
  readonly wantsDocuments: boolean | undefined
  /** Of each document only so many tokens are read. */
  readonly documentTokens: number | undefined
  /** Whether what is too long is cut, and not refused. */
  readonly truncates: boolean | undefined
}

export type RerankText =
  | { readonly kind: 'text'; readonly text: string }
  /** Something only its own provider has a word for: a picture, a record with fields. */
  | { readonly kind: 'opaque'; readonly type: string }

/** The canonical answer. It is not edited by anyone. */
export interface RerankAnswer {
  readonly modelName: string | undefined
  /** The best first. */
  readonly results: readonly RerankResult[]
  readonly usage: Usage | undefined
  /** Keys of the wire that no canonical word carries. */
  readonly unheard: readonly string[]
}

/** How well a document answers. Scores are higher for better ones, on a scale of the model's own. */
export interface RerankResult {
  /** Its place among the documents, from 0. */
  readonly index: number
  readonly score: number
}
