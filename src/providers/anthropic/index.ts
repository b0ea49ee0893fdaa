import { readBaseUrl } from '../base-url.ts'
import { anthropicHeaders, plainHeaders } from '../headers.ts'
import type { ProviderKind } from '../kind.ts'

/** Anthropic's own API. As in its SDKs, a `baseUrl` names the place before `/v1`; one that ends in `/v1` is taken too. */
export const anthropic: ProviderKind = {
  kind: 'anthropic',
  about: { title: 'Anthropic', baseUrl: 'https://api.anthropic.com', recordedOn: '2026-08-19' },
  open: (name, settings, credentials) => {
    const { origin, path } = readBaseUrl(settings.baseUrl ?? 'https://api.anthropic.com')
    const messages = `${path.replace(/\/v1$/, '')}/v1/messages`
    return {
      name,
      kind: 'anthropic',
      origin,
      endpoints: { 'anthropic-messages': messages, 'anthropic-count-tokens': `${messages}/count_tokens` },
      carries: { anthropic: messages.replace(/\/messages$/, '') },
      credentials,
      priceProvider: settings.priceProvider ?? 'anthropic',
      network: settings.network,
      headers: (_dialect, credential, clientHeader) => [
        ...plainHeaders,
        'x-api-key',
        credential.secret,
        ...anthropicHeaders(clientHeader),
      ],
    }
  },
}
