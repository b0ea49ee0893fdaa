import { readBaseUrl } from '../base-url.ts'
import { bearer, plainHeaders } from '../headers.ts'
import type { ProviderKind } from '../kind.ts'

/** Voyage AI: embeddings and reranking in its own words. A `baseUrl` of another place (Atlas) is used as given, `/v1` included. */
export const voyage: ProviderKind = {
  kind: 'voyage',
  about: { title: 'Voyage AI', baseUrl: 'https://api.voyageai.com/v1' },
  open: (name, settings, credentials) => {
    const { origin, path } = readBaseUrl(settings.baseUrl ?? 'https://api.voyageai.com/v1')
    return {
      name,
      kind: 'voyage',
      origin,
      endpoints: { 'voyage-embeddings': `${path}/embeddings`, 'voyage-rerank': `${path}/rerank` },
      credentials,
      priceProvider: settings.priceProvider ?? 'voyageai',
      network: settings.network,
      headers: (_dialect, credential) => [...plainHeaders, ...bearer(credential.secret)],
    }
  },
}
