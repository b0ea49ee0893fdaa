import { readBaseUrl } from '../base-url.ts'
import { bearer, plainHeaders } from '../headers.ts'
import type { ProviderKind } from '../kind.ts'

/** Cohere's own API. As in its SDKs, a `baseUrl` names the place before the version; one that ends in `/v1` or `/v2` is taken too. */
export const cohere: ProviderKind = {
  kind: 'cohere',
  about: { title: 'Cohere', baseUrl: 'https://api.cohere.com', recordedOn: '2026-08-19' },
  open: (name, settings, credentials) => {
    const { origin, path } = readBaseUrl(settings.baseUrl ?? 'https://api.cohere.com')
    const place = path.replace(/\/v[12]$/, '')
    return {
      name,
      kind: 'cohere',
      origin,
      endpoints: {
        'cohere-chat': `${place}/v2/chat`,
        'cohere-embeddings': `${place}/v2/embed`,
        'cohere-rerank': `${place}/v2/rerank`,
      },
      credentials,
      priceProvider: settings.priceProvider ?? 'cohere',
      network: settings.network,
      headers: (_dialect, credential) => [...plainHeaders, ...bearer(credential.secret)],
    }
  },
}
