import { readBaseUrl } from '../base-url.ts'
import { bearer, plainHeaders } from '../headers.ts'
import type { ProviderKind } from '../kind.ts'
import { compatiblePaths, openAiPaths } from '../openai-paths.ts'

/**
 * Anything that speaks OpenAI's chat completions and embeddings, and responses and the older completions where the config says so:
 * vLLM, Ollama, llama.cpp, and many a vendor. The path of `baseUrl` is kept as given: some have `/v1`, some `/api/v1`, some none. A
 * local server may need no credential.
 */
export const openaiCompatible: ProviderKind = {
  kind: 'openai-compatible',
  about: {
    title: "Any server that speaks OpenAI's API",
    quirks: ['It speaks Responses too where the config says `responses: true`.'],
  },
  open: (name, settings, credentials) => {
    if (settings.baseUrl === undefined) throw new Error(`provider "${name}" has no baseUrl`)
    const { origin, path } = readBaseUrl(settings.baseUrl)
    return {
      name,
      kind: 'openai-compatible',
      origin,
      endpoints: {
        'openai-chat': `${path}/chat/completions`,
        ...openAiPaths(path),
        ...compatiblePaths(path),
        ...(settings.completions === true && { 'openai-completions': `${path}/completions` }),
        ...(settings.responses === true && { 'openai-responses': `${path}/responses` }),
      },
      ...(settings.carries === true && { carries: { openai: path } }),
      credentials,
      // Whose prices these are, nobody can know: they are set in the config, or the model is unpriced.
      priceProvider: settings.priceProvider,
      network: settings.network,
      takes: settings.takes,
      headers: (_dialect, credential) => [...plainHeaders, ...bearer(credential.secret)],
    }
  },
}
