import { expect, it } from 'vitest'
import { plainHeaders } from '../headers.ts'
import { asRecord } from '../laws/as-record.ts'
import { providerLaws } from '../laws/provider-laws.ts'
import { compatiblePaths, openAiPaths } from '../openai-paths.ts'
import { openaiCompatible } from './index.ts'

providerLaws(openaiCompatible, {
  passes: [],
  credentialHeaders: ['authorization'],
  goldenHeaders: [
    {
      name: 'with a credential',
      dialect: 'openai-chat',
      secret: 'key',
      client: { cookie: 'a=b' },
      leaves: { ...asRecord(plainHeaders), authorization: 'Bearer key' },
    },
    { name: 'without one', dialect: 'openai-chat', secret: '', client: {}, leaves: asRecord(plainHeaders) },
  ],
  goldenAddresses: [
    {
      baseUrl: 'http://127.0.0.1:11434/v1',
      origin: 'http://127.0.0.1:11434',
      paths: { 'openai-chat': '/v1/chat/completions', ...openAiPaths('/v1'), ...compatiblePaths('/v1') },
    },
    {
      baseUrl: 'http://h:1/api/v1',
      origin: 'http://h:1',
      paths: { 'openai-chat': '/api/v1/chat/completions', ...openAiPaths('/api/v1'), ...compatiblePaths('/api/v1') },
    },
    {
      baseUrl: 'https://h',
      origin: 'https://h',
      paths: { 'openai-chat': '/chat/completions', ...openAiPaths(''), ...compatiblePaths('') },
    },
    {
      baseUrl: 'http://[::1]:8000/v1//',
      origin: 'http://[::1]:8000',
      paths: { 'openai-chat': '/v1/chat/completions', ...openAiPaths('/v1'), ...compatiblePaths('/v1') },
    },
  ],
})

it('has no list price unless one is named', () => {
  const settings = {
    baseUrl: 'http://h',
    network: { connectTimeoutMs: 1, maxConnections: 1 },
    priceProvider: undefined,
  }
  expect(openaiCompatible.open('it', settings, []).priceProvider).toBeUndefined()
  expect(openaiCompatible.open('it', { ...settings, priceProvider: 'groq' }, []).priceProvider).toBe('groq')
})

it('speaks Responses and Completions where the config says so', () => {
  const settings = {
    baseUrl: 'http://h/v1',
    network: { connectTimeoutMs: 1, maxConnections: 1 },
    priceProvider: undefined,
  }
  const endpointsOf = (isSaid: boolean | undefined) => {
    const { endpoints } = openaiCompatible.open('it', { ...settings, responses: isSaid, completions: isSaid }, [])
    return [endpoints['openai-responses'], endpoints['openai-completions']]
  }
  expect(endpointsOf(true)).toEqual(['/v1/responses', '/v1/completions'])
  for (const isSaid of [false, undefined]) expect(endpointsOf(isSaid)).toEqual([undefined, undefined])
})
