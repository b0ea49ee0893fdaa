/**
 * The canonical question for embeddings, whole. One dialect speaks it so far; it is read so that a guardrail can look into
 * the texts, and follows the laws of nodes: frozen, remembering the wire value, changed only by `edit`.
 */
export interface EmbeddingsCall {
  readonly modelName: string
  /** In the caller's order, one vector for each. Never empty where the dialect's own rules are kept. */
  readonly inputs: readonly EmbeddingsInput[]
  readonly dimensions: number | undefined
  /** How each vector is written (`float`, `base64`). */
  readonly encoding: string | undefined
  /** What the vectors are for, where the dialect has a word for it (`query`, `document`). */
  readonly purpose: string | undefined
  readonly endUser: string | undefined
}

export type EmbeddingsInput =
  | { readonly kind: 'text'; readonly text: string }
  /** A text as numbers of its tokens. */
  | { readonly kind: 'token-numbers'; readonly numbers: readonly number[] }
  /** Something only its own provider has a word for. */
  | { readonly kind: 'opaque'; readonly type: string }
