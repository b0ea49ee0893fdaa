import { readBaseUrl } from '../base-url.ts'
import { bearer, plainHeaders } from '../headers.ts'
import type { ProviderKind } from '../kind.ts'

/** The names of the gateway's own labels of an attempt. The gateway answers them with its values, never the client's. */
const labels = ['x-weir-request-id', 'x-weir-attempt']

/**
 * The built-in provider, for trying Weir without an account and for tests. `serve.ts` is its server; this is only how the
 * gateway reaches it. Its own log names each attempt by the labels sent along, so that the ledger can be compared with it
 * (ledger.md C10).
 */
export const simulated: ProviderKind = {
  kind: 'simulated',
  about: { title: 'The provider built into Weir', baseUrl: 'inside Weir' },
  open: (name, settings, credentials) => {
    if (settings.baseUrl === undefined) throw new Error(`the simulated provider "${name}" has no address yet`)
    const { origin, path } = readBaseUrl(settings.baseUrl)
    return {
      name,
      kind: 'simulated',
      origin,
      endpoints: {
        'openai-chat': `${path}/v1/chat/completions`,
        'openai-responses': `${path}/v1/responses`,
        'openai-embeddings': `${path}/v1/embeddings`,
        'anthropic-messages': `${path}/v1/messages`,
        'gemini-generate': `${path}/v1beta`,
      },
      credentials,
      priceProvider: settings.priceProvider,
      network: settings.network,
      headers: (_dialect, credential, clientHeader) => {
        const headers = [...plainHeaders, ...bearer(credential.secret)]
        for (const label of labels) {
          const value = clientHeader(label)
          if (value !== undefined) headers.push(label, value)
        }
        return headers
      },
    }
  },
}
