import { dialects } from '../../src/dialects/all.ts'
import type { Dialect } from '../../src/dialects/dialect.ts'

/** A dialect of embeddings, as the laws want it. */
export type Embedder = Dialect & Required<Pick<Dialect, 'embeddings'>>

export const embedders: readonly Embedder[] = Object.values(dialects).flatMap((dialect: Dialect) =>
  dialect.embeddings ? [{ ...dialect, embeddings: dialect.embeddings }] : [],
)

/** Whose recordings are in which dialect. Azure and OpenRouter serve others' models in OpenAI's. */
export const recordedEmbedders: Readonly<Record<string, readonly string[]>> = {
  'openai-embeddings': ['openai', 'azure', 'mistral', 'openrouter'],
  'voyage-embeddings': ['voyage'],
  'cohere-embeddings': ['cohere'],
  'gemini-embeddings': ['gemini', 'vertex'],
}
