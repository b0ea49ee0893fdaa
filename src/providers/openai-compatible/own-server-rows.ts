import type { ProviderRow } from './row.ts'

/** Servers that people run themselves, where each listens unless told otherwise. A key is sent where one is configured. */
export const ownServerRows = {
  'llama-cpp': {
    title: 'llama.cpp',
    baseUrl: 'http://127.0.0.1:8080/v1',
    source: 'recorded 2025-11',
    speaks: ['openai-chat', 'openai-embeddings'],
    takes: ['reasoning_content', 'top_k', 'min_p'],
    recordedOn: '2025-11-11',
    quirks: ['Weir listens at port 8080 too, unless told otherwise: give one of them another port.'],
  },
  'lm-studio': {
    title: 'LM Studio',
    baseUrl: 'http://127.0.0.1:1234/v1',
    source: 'lmstudio.ai/docs/api/openai-api, read 2026-11',
    speaks: ['openai-chat', 'openai-responses', 'openai-embeddings'],
    takes: ['max_tokens', 'top_k'],
  },
  sglang: {
    title: 'SGLang',
    baseUrl: 'http://127.0.0.1:30000/v1',
    source: 'docs.sglang.ai, OpenAI-compatible APIs, 2025',
    speaks: ['openai-chat', 'openai-embeddings'],
    takes: ['max_tokens', 'reasoning_content', 'top_k', 'min_p'],
  },
  vllm: {
    title: 'vLLM',
    baseUrl: 'http://127.0.0.1:8000/v1',
    source: 'docs.vllm.ai, OpenAI-compatible server, 2025',
    speaks: [
      'openai-chat',
      'openai-responses',
      'openai-embeddings',
      'openai-transcriptions',
      'openai-translations',
      'jina-rerank',
    ],
    takes: ['top_k', 'min_p'],
  },
} as const satisfies Readonly<Record<string, ProviderRow>>
