import type { Purpose } from '../../../canonical/embeddings.ts'

/** One word for what several dialects say in words of their own; what only one has stays as it is. */
export function purposeIn(word: string | undefined): string | undefined {
  return word === undefined ? undefined : (purposes.get(word.toLowerCase()) ?? word)
}

/** Voyage and OpenAI's path; Cohere; Google. */
const purposes: ReadonlyMap<string, Purpose> = new Map([
  ['query', 'query'],
  ['search_query', 'query'],
  ['retrieval_query', 'query'],
  ['document', 'document'],
  ['search_document', 'document'],
  ['retrieval_document', 'document'],
  ['classification', 'classification'],
  ['clustering', 'clustering'],
])
