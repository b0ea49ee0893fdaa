import { readBaseUrl } from '../base-url.ts'
import { plainHeaders } from '../headers.ts'
import type { ProviderKind } from '../kind.ts'

/**
 * Google's Gemini API. As in its SDK, a `baseUrl` names the place before the version, which is then `v1beta`; one that ends in a
 * version (`/v1`) is taken with it.
 */
export const gemini: ProviderKind = {
  kind: 'gemini',
  about: { title: 'Google Gemini API', baseUrl: 'https://generativelanguage.googleapis.com', recordedOn: '2026-08-19' },
  open: (name, settings, credentials) => {
    const { origin, path } = readBaseUrl(settings.baseUrl ?? 'https://generativelanguage.googleapis.com')
    const versioned = /\/v1(?:beta|alpha)?$/.test(path) ? path : `${path}/v1beta`
    return {
      name,
      kind: 'gemini',
      origin,
      endpoints: { 'gemini-generate': versioned, 'gemini-embeddings': versioned, 'gemini-count-tokens': versioned },
      carries: { gemini: versioned },
      credentials,
      priceProvider: settings.priceProvider ?? 'google',
      network: settings.network,
      headers: (_dialect, credential) => [...plainHeaders, 'x-goog-api-key', credential.secret],
    }
  },
}
