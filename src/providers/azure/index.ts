import type { AzureConfig } from '../azure-settings.ts'
import { readBaseUrl } from '../base-url.ts'
import type { Envelope } from '../envelope.ts'
import { anthropicHeaders, plainHeaders } from '../headers.ts'
import type { ProviderKind } from '../kind.ts'
import type { Provider } from '../provider.ts'
import { openEntraTokens } from './entra-tokens.ts'

/**
 * Azure OpenAI and Azure AI Foundry. What is called a model here is a deployment there, and has the name that its operator gave
 * it.
 */
export const azure: ProviderKind = {
  kind: 'azure',
  about: {
    title: 'Azure OpenAI and Azure AI Foundry',
    baseUrl: "the resource's",
    recordedOn: '2026-08-19',
    quirks: [
      'Verified for `api: v1`, `deployments` and `models`. `api: anthropic`, Claude in Foundry, is unverified.',
      'Pictures and sound are unverified. `2024-10-21` of `deployments` has no edits of pictures: they want a preview version, such as `2025-04-01-preview` (the same pages).',
      'Versions of `deployments` before `2024-10-21` do not know the wish for usage in a stream, which is sent (Microsoft Learn, REST API reference, 2026-11).',
    ],
  },
  open: (name, settings, credentials) => {
    const config = settings.azure
    if (!config) throw new Error(`provider "${name}" has no resource`)
    const { origin, path } = readBaseUrl(settings.baseUrl ?? defaultAddress(name, config))
    const scope = config.scope ?? defaultScopes[config.api]
    const tokens = config.entra && openEntraTokens(name, config.entra, scope, settings.network, settings.secrets ?? {})
    return {
      name,
      kind: 'azure',
      origin,
      ...placesOf(config, path),
      credentials,
      // Claude is billed by Anthropic's own list.
      priceProvider: settings.priceProvider ?? (config.api === 'anthropic' ? 'anthropic' : 'azure'),
      network: settings.network,
      headers: (dialect, { secret }, clientHeader) =>
        dialect === 'anthropic-messages'
          ? [...plainHeaders, ...keyHeader('x-api-key', secret), ...anthropicHeaders(clientHeader)]
          : [...plainHeaders, ...keyHeader('api-key', secret)],
      ...(tokens && {
        authorize: async (_call, means) => {
          const accessToken = await tokens(means)
          return { headers: ['authorization', `Bearer ${accessToken}`], secrets: [accessToken] }
        },
      }),
    }
  },
}

/** What both ways to a deployment have, and where: all of OpenAI's but moderations and variations of pictures. The same pages. */
const operations = {
  'openai-chat': 'chat/completions',
  'openai-embeddings': 'embeddings',
  'openai-images': 'images/generations',
  'openai-image-edits': 'images/edits',
  'openai-speech': 'audio/speech',
  'openai-transcriptions': 'audio/transcriptions',
  'openai-translations': 'audio/translations',
} as const satisfies Provider['endpoints']

function forEachOperation<Value>(
  valueOf: (operation: string) => Value,
): Readonly<Partial<Record<keyof typeof operations, Value>>> {
  return Object.fromEntries(Object.entries(operations).map(([dialect, operation]) => [dialect, valueOf(operation)]))
}

/** Microsoft Learn, "Azure OpenAI in Azure AI Foundry Models REST API reference" and "v1 API", read 2026-11. */
const stableVersion = '2024-10-21'
const modelsVersion = '2024-05-01-preview'

/** The same, "Authenticate with Microsoft Entra ID", and Anthropic docs, "Claude in Microsoft Foundry", read 2026-11. */
const openAiScope = 'https://cognitiveservices.azure.com/.default'
const defaultScopes = {
  v1: openAiScope,
  deployments: openAiScope,
  models: openAiScope,
  anthropic: 'https://ai.azure.com/.default',
} as const satisfies Record<AzureConfig['api'], string>

/** None where a token takes its place. */
function keyHeader(header: string, secret: string): readonly string[] {
  return secret === '' ? [] : [header, secret]
}

function defaultAddress(name: string, { resource, api }: AzureConfig): string {
  if (resource === undefined) throw new Error(`provider "${name}" has neither resource nor baseUrl`)
  return `https://${resource}.${api === 'models' || api === 'anthropic' ? 'services.ai' : 'openai'}.azure.com`
}

function placesOf({ api, apiVersion }: AzureConfig, path: string): Pick<Provider, 'endpoints' | 'envelopes'> {
  switch (api) {
    case 'v1': {
      const query = apiVersion === undefined ? '' : `?api-version=${apiVersion}`
      return {
        endpoints: {
          'openai-responses': `${path}/openai/v1/responses${query}`,
          ...forEachOperation((operation) => `${path}/openai/v1/${operation}${query}`),
        },
      }
    }
    case 'deployments': {
      const deployments = `${path}/openai/deployments`
      const version = apiVersion ?? stableVersion
      return {
        endpoints: forEachOperation(() => deployments),
        envelopes: forEachOperation((operation) => deploymentEnvelope(operation, version)),
      }
    }
    case 'models': {
      const query = `?api-version=${apiVersion ?? modelsVersion}`
      return {
        endpoints: {
          'openai-chat': `${path}/models/chat/completions${query}`,
          'openai-embeddings': `${path}/models/embeddings${query}`,
        },
      }
    }
    case 'anthropic':
      return { endpoints: { 'anthropic-messages': `${path}/anthropic/v1/messages` } }
  }
}

/** The deployment stands in the path; a body that names it as well is taken too, so that it stays as it is. */
function deploymentEnvelope(operation: string, apiVersion: string): Envelope {
  return {
    pathFor: (endpoint, modelName) =>
      `${endpoint}/${encodeURIComponent(modelName)}/${operation}?api-version=${apiVersion}`,
    without: [],
    members: () => [],
  }
}
