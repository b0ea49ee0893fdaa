import { readBaseUrl } from '../base-url.ts'
import { bearer, plainHeaders } from '../headers.ts'
import type { ProviderKind } from '../kind.ts'
import { openAiPaths } from '../openai-paths.ts'

/** OpenAI's own API. A `baseUrl` of another place that speaks it (a proxy, a region) is used as given, `/v1` included. */
export const openai: ProviderKind = {
  kind: 'openai',
  about: {
    title: 'OpenAI',
    baseUrl: 'https://api.openai.com/v1',
    recordedOn: '2026-08-19',
    quirks: [
      'Models of March 2026 and later cost 10 % more at the hosts of a region (`eu.api.openai.com`): that is added to the list price (OpenAI docs, Data residency, 2026-11).',
      'Models that chat completions refuses (`gpt-5-pro`, `o3-pro`, `gpt-5-codex` and the like) are asked in Responses, whatever the client speaks.',
    ],
  },
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
        'openai-completions': `${path}/completions`,
      },
      speaks: (dialect, modelName) =>
        dialect === 'openai-embeddings' ||
        (completionsModel.test(modelName) === (dialect === 'openai-completions') &&
          !(dialect === 'openai-chat' && responsesModel.test(modelName))),
      carries: { openai: path },
      credentials,
      priceProvider: settings.priceProvider ?? 'openai',
      surchargeOf: (modelName) => (regionalHost.test(origin) ? regionalSurcharge(modelName) : undefined),
      network: settings.network,
      headers: (_dialect, credential) => [...plainHeaders, ...bearer(credential.secret)],
    }
  },
}

/**
 * The models that go on with a text and take no conversations, fine-tuned ones too; no other takes completions (OpenAI,
 * "Deprecations", read 2026-11; recorded refusals of either by the other's path).
 */
const completionsModel = /^(?:ft:)?(?:gpt-3\.5-turbo-instruct|davinci-002|babbage-002)\b/

/**
 * The models that are only in Responses, dated ones too; chat completions refuses them: "This model is only supported in
 * v1/responses" (OpenAI's pages of these models, and langchain-ai/langchain#35594, 2026-03). Clients of other dialects are translated.
 */
const responsesModel =
  /^(?:gpt-5(?:\.\d+)?-(?:pro|codex)|o[13]-pro|codex-mini|computer-use-preview|o\d(?:-mini)?-deep-research)\b/

/** `us.`, `eu.`, `jp.` and so on before the one host of all. */
const regionalHost = /^https:\/\/[a-z]+\.api\.openai\.com$/

/**
 * Models that came out on 2026-03-05 or later cost a tenth more where a region's host answers (OpenAI docs, "Data residency", read 2026-11).
 * A name that is not known is taken for a later one.
 */
function regionalSurcharge(modelName: string): { readonly percent: number; readonly why: string } | undefined {
  if (olderModel.test(modelName)) return undefined
  return { percent: 10, why: "at a host of one of OpenAI's regions (OpenAI docs, 2026-11)" }
}

const olderModel =
  /^(?:ft:)?(?:gpt-3|gpt-4|gpt-5(?:\.[0-3])?(?:-|$)|o\d|chatgpt|davinci|babbage|text-|omni-moderation|whisper|tts|dall-e|gpt-image-1|gpt-audio|gpt-realtime(?:-mini|-1\.5|-2025|-preview|$)|computer-use-preview|codex-mini|sora)/
