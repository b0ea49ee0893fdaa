import { readBaseUrl } from '../base-url.ts'
import { plainHeaders } from '../headers.ts'
import type { ProviderKind } from '../kind.ts'

/** Anthropic docs, API versioning, read 2026-11: the version every SDK sends. */
const defaultVersion = '2023-06-01'

/** Anthropic's own API. As in its SDKs, a `baseUrl` names the place before `/v1`; one that ends in `/v1` is taken too. */
export const anthropic: ProviderKind = {
  kind: 'anthropic',
  open: (name, settings, credentials) => {
    const { origin, path } = readBaseUrl(settings.baseUrl ?? 'https://api.anthropic.com')
    return {
      name,
      kind: 'anthropic',
      origin,
      endpoints: { 'anthropic-messages': `${path.replace(/\/v1$/, '')}/v1/messages` },
      credentials,
      priceProvider: settings.priceProvider ?? 'anthropic',
      network: settings.network,
      headers: (_dialect, credential, clientHeader) => {
        const headers = [...plainHeaders, 'x-api-key', credential.secret]
        // The version and the betas say what the client's body means, so they must travel with it.
        headers.push('anthropic-version', clientHeader('anthropic-version') ?? defaultVersion)
        const betas = clientHeader('anthropic-beta')
        if (betas !== undefined) headers.push('anthropic-beta', betas)
        return headers
      },
    }
  },
}
