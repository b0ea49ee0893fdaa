import type { Provider } from './provider.ts'

/** Where OpenAI's operations beside chats are, below a base path such as `/v1`. */
export function openAiPaths(path: string) {
  return {
    'openai-embeddings': `${path}/embeddings`,
    'openai-moderations': `${path}/moderations`,
    'openai-images': `${path}/images/generations`,
    'openai-image-edits': `${path}/images/edits`,
    'openai-image-variations': `${path}/images/variations`,
    'openai-speech': `${path}/audio/speech`,
    'openai-transcriptions': `${path}/audio/transcriptions`,
    'openai-translations': `${path}/audio/translations`,
  } as const satisfies Provider['endpoints']
}

/** Where servers that speak OpenAI's API have what OpenAI does not. */
export function compatiblePaths(path: string) {
  return { 'jina-rerank': `${path}/rerank` } as const satisfies Provider['endpoints']
}
