import { expect, it } from 'vitest'
import { plainHeaders } from '../headers.ts'
import { asRecord } from '../laws/as-record.ts'
import { providerLaws } from '../laws/provider-laws.ts'
import { openAiPaths } from '../openai-paths.ts'
import { openai } from './index.ts'

const leaves = { ...asRecord(plainHeaders), authorization: 'Bearer sk-1' }

providerLaws(openai, {
  passes: [],
  credentialHeaders: ['authorization'],
  goldenHeaders: [
    { name: 'chat', dialect: 'openai-chat', secret: 'sk-1', client: {}, leaves },
    {
      name: 'a client that sends its own',
      dialect: 'openai-embeddings',
      secret: 'sk-1',
      client: { authorization: 'Bearer weir_x', 'openai-organization': 'org-theirs', 'user-agent': 'OpenAI/JS' },
      leaves,
    },
  ],
  goldenAddresses: [
    {
      baseUrl: undefined,
      origin: 'https://api.openai.com',
      paths: {
        'openai-chat': '/v1/chat/completions',
        'openai-responses': '/v1/responses',
        'openai-input-tokens': '/v1/responses/input_tokens',
        ...openAiPaths('/v1'),
        'openai-completions': '/v1/completions',
      },
    },
    {
      baseUrl: 'https://eu.api.openai.com/v1/',
      origin: 'https://eu.api.openai.com',
      paths: {
        'openai-chat': '/v1/chat/completions',
        'openai-responses': '/v1/responses',
        'openai-input-tokens': '/v1/responses/input_tokens',
        ...openAiPaths('/v1'),
        'openai-completions': '/v1/completions',
      },
    },
  ],
})

it.each([
  ['gpt-3.5-turbo-instruct', true],
  ['gpt-3.5-turbo-instruct-0914', true],
  ['davinci-002', true],
  ['ft:babbage-002:acme::abc', true],
  ['gpt-3.5-turbo', false],
  ['gpt-5.2', false],
  ['ft:gpt-4o-mini:davinci-002::abc', false],
])('%s goes on with texts or takes conversations, not both', (modelName, isOfCompletions) => {
  const { speaks } = openai.open('it', { baseUrl: undefined, network, priceProvider: undefined }, [])
  expect(speaks?.('openai-completions', modelName)).toBe(isOfCompletions)
  expect(speaks?.('openai-chat', modelName)).toBe(!isOfCompletions)
  expect(speaks?.('openai-embeddings', modelName)).toBe(true)
})

it.each([
  ['gpt-5-pro', true],
  ['gpt-5.2-pro-2025-12-11', true],
  ['gpt-5.1-codex-max', true],
  ['o3-pro', true],
  ['o4-mini-deep-research-2025-06-26', true],
  ['gpt-5.2', false],
  ['gpt-5-production', false],
  ['o3', false],
])('%s is only in Responses: %s', (modelName, isOfResponses) => {
  const { speaks } = openai.open('it', { baseUrl: undefined, network, priceProvider: undefined }, [])
  expect(speaks?.('openai-responses', modelName)).toBe(true)
  expect(speaks?.('openai-chat', modelName)).toBe(!isOfResponses)
})

const network = { connectTimeoutMs: 1, maxConnections: 1 }

it.each([
  ['https://eu.api.openai.com/v1', 'gpt-5.4', 10],
  ['https://us.api.openai.com/v1', 'gpt-5.4-mini-2026-03-17', 10],
  ['https://jp.api.openai.com/v1', 'gpt-of-tomorrow', 10],
  ['https://eu.api.openai.com/v1', 'gpt-realtime-2.1', 10],
  ['https://eu.api.openai.com/v1', 'gpt-5.3-codex', undefined],
  ['https://eu.api.openai.com/v1', 'gpt-5', undefined],
  ['https://eu.api.openai.com/v1', 'ft:gpt-4o-mini:acme::abc', undefined],
  ['https://eu.api.openai.com/v1', 'text-embedding-3-small', undefined],
  [undefined, 'gpt-5.4', undefined],
  ['https://proxy.example/v1', 'gpt-5.4', undefined],
])('at %s %s costs more by %s per cent', (baseUrl, modelName, percent) => {
  const { surchargeOf } = openai.open('it', { baseUrl, network, priceProvider: undefined }, [])
  expect(surchargeOf?.(modelName)?.percent).toBe(percent)
})
