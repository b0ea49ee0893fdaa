import { describe, expect, it } from 'vitest'
import type { DialectName } from '../../dialects/dialect.ts'
import type { AzureConfig } from '../azure-settings.ts'
import { plainHeaders } from '../headers.ts'
import { asRecord } from '../laws/as-record.ts'
import { providerLaws } from '../laws/provider-laws.ts'
import type { Provider } from '../provider.ts'
import { azure } from './index.ts'

const config: AzureConfig = { kind: 'azure', api: 'v1', resource: 'my-company' }

providerLaws(azure, {
  settings: { azure: config },
  passes: [],
  credentialHeaders: ['api-key'],
  goldenHeaders: [
    {
      name: 'a client with secrets of its own',
      dialect: 'openai-chat',
      secret: 'azure-key',
      client: { 'api-key': 'weir_x', authorization: 'Bearer weir_x', 'x-ms-client-request-id': '1' },
      leaves: { ...asRecord(plainHeaders), 'api-key': 'azure-key' },
    },
    {
      name: 'an identity in place of a key',
      dialect: 'openai-chat',
      secret: '',
      client: {},
      leaves: asRecord(plainHeaders),
    },
  ],
  goldenAddresses: [
    {
      baseUrl: undefined,
      origin: 'https://my-company.openai.azure.com',
      paths: {
        'openai-chat': '/openai/v1/chat/completions',
        'openai-responses': '/openai/v1/responses',
        'openai-embeddings': '/openai/v1/embeddings',
        'openai-images': '/openai/v1/images/generations',
        'openai-image-edits': '/openai/v1/images/edits',
        'openai-speech': '/openai/v1/audio/speech',
        'openai-transcriptions': '/openai/v1/audio/transcriptions',
        'openai-translations': '/openai/v1/audio/translations',
      },
    },
    {
      baseUrl: 'http://h:1/a/',
      origin: 'http://h:1',
      paths: {
        'openai-chat': '/a/openai/v1/chat/completions',
        'openai-responses': '/a/openai/v1/responses',
        'openai-embeddings': '/a/openai/v1/embeddings',
        'openai-images': '/a/openai/v1/images/generations',
        'openai-image-edits': '/a/openai/v1/images/edits',
        'openai-speech': '/a/openai/v1/audio/speech',
        'openai-transcriptions': '/a/openai/v1/audio/transcriptions',
        'openai-translations': '/a/openai/v1/audio/translations',
      },
    },
  ],
})

describe('Claude in Foundry', () => {
  const claude: AzureConfig = { kind: 'azure', api: 'anthropic', resource: 'my-company' }

  providerLaws(azure, {
    settings: { azure: claude },
    passes: ['anthropic-version', 'anthropic-beta'],
    credentialHeaders: ['x-api-key'],
    goldenHeaders: [
      {
        name: 'a client with betas and secrets of its own',
        dialect: 'anthropic-messages',
        secret: 'azure-key',
        client: { 'x-api-key': 'weir_x', 'anthropic-beta': 'one-2025' },
        leaves: {
          ...asRecord(plainHeaders),
          'x-api-key': 'azure-key',
          'anthropic-version': '2023-06-01',
          'anthropic-beta': 'one-2025',
        },
      },
    ],
    goldenAddresses: [
      {
        baseUrl: undefined,
        origin: 'https://my-company.services.ai.azure.com',
        paths: { 'anthropic-messages': '/anthropic/v1/messages' },
      },
    ],
  })

  it('is priced as at Anthropic', () => {
    expect(open(claude).priceProvider).toBe('anthropic')
  })
})

describe('its three APIs for the rest', () => {
  it('has the deployment in the path, by version, where it is asked by deployments', () => {
    const provider = open({ ...config, api: 'deployments' })
    expect([provider.origin, pathOf(provider, 'openai-chat', 'gpt 4o/../x')]).toEqual([
      'https://my-company.openai.azure.com',
      '/openai/deployments/gpt%204o%2F..%2Fx/chat/completions?api-version=2024-10-21',
    ])
    expect(pathOf(open({ ...config, api: 'deployments', apiVersion: '2024-02-01' }), 'openai-embeddings', 'ada')).toBe(
      '/openai/deployments/ada/embeddings?api-version=2024-02-01',
    )
    expect(provider.endpoints['openai-responses']).toBeUndefined()
    expect(pathOf(open({ ...config, api: 'deployments' }), 'openai-transcriptions', 'whisper')).toBe(
      '/openai/deployments/whisper/audio/transcriptions?api-version=2024-10-21',
    )
  })

  it('has the version in the query of the others, where one is named or must be', () => {
    const models = open({ ...config, api: 'models' })
    expect([models.origin, models.endpoints['openai-chat']]).toEqual([
      'https://my-company.services.ai.azure.com',
      '/models/chat/completions?api-version=2024-05-01-preview',
    ])
    expect(open({ ...config, apiVersion: 'preview' }).endpoints['openai-responses']).toBe(
      '/openai/v1/responses?api-version=preview',
    )
  })

  it('is priced by its own list, unless another is named', () => {
    expect(open(config).priceProvider).toBe('azure')
    expect(open(config, 'openai').priceProvider).toBe('openai')
  })
})

function open(azureConfig: AzureConfig, priceProvider?: string): Omit<Provider, 'tags' | 'onAbort'> {
  const network = { connectTimeoutMs: 1, maxConnections: 1 }
  return azure.open('it', { baseUrl: undefined, network, priceProvider, azure: azureConfig }, [])
}

function pathOf(provider: Omit<Provider, 'tags'>, dialect: DialectName, modelName: string) {
  return provider.envelopes?.[dialect]?.pathFor(provider.endpoints[dialect] ?? '', modelName, false)
}
