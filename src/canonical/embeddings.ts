import type { Usage } from './usage.ts'

/**
 * The canonical question for embeddings, whole. It follows the laws of nodes: frozen, remembering the wire value, changed only
 * by `edit`.
 */
export interface EmbeddingsCall {
  readonly modelName: string
  /** In the caller's order, one vector for each. Never empty where the dialect's own rules are kept. */
  readonly inputs: readonly EmbeddingsInput[]
  readonly dimensions: number | undefined
  /** How each vector is written. */
  readonly encoding: 'float' | 'base64' | undefined
  /** What the numbers of a vector are (`int8`, `ubinary`); `undefined`: floats. */
  readonly numberType: string | undefined
  /** What the vectors are for: a `Purpose`, or a word that only its own dialect has. */
  readonly purpose: string | undefined
  /** What becomes of a text that is too long: which end of it is cut, or it is refused. `undefined`: as the provider does. */
  readonly truncation: 'none' | 'start' | 'end' | undefined
  readonly endUser: string | undefined
}

export type EmbeddingsInput =
  | { readonly kind: 'text'; readonly text: string }
  /** A text as numbers of its tokens. */
  | { readonly kind: 'token-numbers'; readonly numbers: readonly number[] }
  /** Something only its own provider has a word for. */
  | { readonly kind: 'opaque'; readonly type: string }

/** The purposes that more than one dialect has a word for. */
export type Purpose = 'query' | 'document' | 'classification' | 'clustering'

/** The canonical answer. It is not edited by anyone, and far larger than any other: no node of it is frozen or remembered. */
export interface EmbeddingsAnswer {
  readonly modelName: string | undefined
  /** In the order of the inputs. */
  readonly vectors: readonly Vector[]
  readonly usage: Usage | undefined
  /** Keys of the wire that no canonical word carries: what another dialect will not hear. */
  readonly unheard: readonly string[]
}

export type Vector =
  | { readonly kind: 'numbers'; readonly numbers: readonly number[] }
  /** Base64 of 32-bit floats, the low byte first. */
  | { readonly kind: 'base64'; readonly text: string }
