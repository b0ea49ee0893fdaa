import { readBaseUrl } from '../base-url.ts'
import { bearer, plainHeaders } from '../headers.ts'
import type { ProviderKind } from '../kind.ts'
import { openAiPaths } from '../openai-paths.ts'

/** OpenAI's own API. A `baseUrl` of another place that speaks it (a proxy, a region) is used as given, `/v1` included. */
export const openai: ProviderKind = {
  kind: 'openai',
  about: { title: 'OpenAI', baseUrl: 'https://api.openai.com/v1', recordedOn: '2026-08-19' },
  open: (name, settings, credentials) => {
    const { origin, path } = readBaseUrl(settings.baseUrl ?? 'https://api.openai.com/v1')
    return {
      name,
      kind: 'openai',
      origin,
      endpoints: {
        'openai-chat': `${path}/chat/completions`,
        'openai-responses': `${path}/responses`,
        'openai-input-tokens': `${path}/responses/input_tokens`,
        ...openAiPaths(path),
      },
      credentials,
      priceProvider: settings.priceProvider ?? 'openai',
      network: settings.network,
      headers: (_dialect, credential) => [...plainHeaders, ...bearer(credential.secret)],
    }
  },
}
