import type { TargetWord } from '../../dialects/translation.ts'
import { readBaseUrl } from '../base-url.ts'
import { bearer, plainHeaders } from '../headers.ts'
import type { ProviderKind } from '../kind.ts'

/**
 * Ollama, on this machine unless `baseUrl` says otherwise, or its cloud, which wants a key. It has a chat of its own under `/api`,
 * and beside it OpenAI's APIs under `/v1` (docs/openai.md, read 2026-11). A `baseUrl` that ends in `/v1` names the same place.
 */
export const ollama: ProviderKind = {
  kind: 'ollama',
  about: {
    title: 'Ollama',
    baseUrl: 'http://127.0.0.1:11434',
    recordedOn: '2026-08-07',
    quirks: [
      'Older versions count nothing of a prompt that they have read before (recorded 2024-05).',
      'Under `/v1` the output cap is `max_tokens` (openai/openai.go, read 2026-11).',
    ],
  },
  open: (name, settings, credentials) => {
    const { origin, path } = readBaseUrl(settings.baseUrl ?? 'http://127.0.0.1:11434')
    const root = path.replace(/\/v1$/, '')
    return {
      name,
      kind: 'ollama',
      origin,
      endpoints: {
        'ollama-chat': `${root}/api/chat`,
        'openai-chat': `${root}/v1/chat/completions`,
        'openai-completions': `${root}/v1/completions`,
        'openai-embeddings': `${root}/v1/embeddings`,
      },
      credentials,
      // What a machine of one's own costs, nobody can know: prices are set in the config, or the model is unpriced.
      priceProvider: settings.priceProvider,
      network: settings.network,
      takes,
      headers: (_dialect, credential) => [...plainHeaders, ...bearer(credential.secret)],
    }
  },
}

/** Under `/v1` it knows the output cap by its old name only, and takes earlier thoughts back (openai/openai.go, read 2026-11). */
const takes: ReadonlySet<TargetWord> = new Set(['max_tokens', 'reasoning'])
