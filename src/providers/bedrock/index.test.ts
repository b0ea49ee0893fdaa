import { describe, expect, it } from 'vitest'
import type { BedrockConfig } from '../bedrock-settings.ts'
import { enclose } from '../envelope.ts'
import { plainHeaders } from '../headers.ts'
import { asRecord } from '../laws/as-record.ts'
import { providerLaws } from '../laws/provider-laws.ts'
import { bedrock } from './index.ts'

const config: BedrockConfig = { kind: 'bedrock', region: 'eu-central-1' }
const plain = { ...asRecord(plainHeaders), accept: 'application/json' }

providerLaws(bedrock, {
  settings: { bedrock: config },
  passes: ['anthropic-beta'],
  credentialHeaders: ['authorization'],
  goldenHeaders: [
    {
      name: 'one of Bedrock’s keys, and a client with secrets and settings of its own',
      dialect: 'anthropic-messages',
      secret: 'bedrock-key',
      client: {
        'x-api-key': 'weir_x',
        'anthropic-version': '2023-06-01',
        'anthropic-beta': 'a',
        'x-amzn-bedrock-guardrailidentifier': 'none',
      },
      leaves: { ...plain, authorization: 'Bearer bedrock-key' },
    },
    { name: 'a call that will be signed', dialect: 'bedrock-converse', secret: '', client: {}, leaves: plain },
  ],
  goldenAddresses: [
    {
      baseUrl: undefined,
      origin: 'https://bedrock-runtime.eu-central-1.amazonaws.com',
      paths: pathsBelow('/model'),
    },
    {
      baseUrl: 'http://h:1/a',
      origin: 'http://h:1',
      paths: pathsBelow('/a/model'),
    },
  ],
})

describe('Bedrock', () => {
  it('has a domain of its own in China', () => {
    expect(open({ ...config, region: 'cn-north-1' }).origin).toBe('https://bedrock-runtime.cn-north-1.amazonaws.com.cn')
  })

  it.each([
    ['anthropic.claude-3-haiku-20240307-v1:0', true],
    ['eu.anthropic.claude-sonnet-4-5-20250929-v1:0', true],
    ['arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0', true],
    ['arn:aws:bedrock:us-east-1:1:application-inference-profile/abc', false],
    ['us.amazon.nova-2-lite-v1:0', false],
  ])('speaks with %s in Anthropic’s dialect: %s; in Converse with all', (modelName, isClaude) => {
    const { speaks } = open(config)
    expect(speaks?.('anthropic-messages', modelName)).toBe(isClaude)
    expect(speaks?.('bedrock-converse', modelName)).toBe(true)
  })

  it('has vectors and ranking of Cohere’s models only', () => {
    const { speaks } = open(config)
    for (const modelName of ['cohere.embed-v4:0', 'us.cohere.embed-v4:0'])
      expect([speaks?.('cohere-embeddings', modelName), speaks?.('cohere-rerank', modelName)]).toEqual([true, false])
    expect(speaks?.('cohere-rerank', 'cohere.rerank-v3-5:0')).toBe(true)
    expect(speaks?.('cohere-embeddings', 'amazon.titan-embed-text-v2:0')).toBe(false)
  })

  it('has Claude’s model and stream in the path, version and betas in the body, and the rest as it came', () => {
    const envelope = open(config).envelopes?.['anthropic-messages']
    if (!envelope) throw new Error('no envelope')
    const pathOf = (modelName: string, isStream: boolean) => envelope.pathFor('/model', modelName, isStream)
    expect(pathOf('eu.anthropic.x-v1:0', false)).toBe('/model/eu.anthropic.x-v1%3A0/invoke')
    expect(pathOf('arn:a/b', true)).toBe('/model/arn%3Aa%2Fb/invoke-with-response-stream')
    const body = Buffer.from('{"model":"m", "max_tokens" : 1.0,"stream": true}')
    expect(enclose(body, envelope, () => undefined).toString()).toBe(
      '{ "max_tokens" : 1.0,"anthropic_version":"bedrock-2023-05-31"}',
    )
    const betas = (name: string) => (name === 'anthropic-beta' ? 'one-2025, two-2025,' : undefined)
    expect(JSON.parse(enclose(body, envelope, betas).toString())).toMatchObject({
      anthropic_beta: ['one-2025', 'two-2025'],
    })
  })

  it('signs where it has no key of Bedrock’s', () => {
    expect(open(config).authorize).toBeDefined()
    const credentials = [{ id: 'it#0', secret: 'bedrock-key', weight: 1 }]
    const network = { connectTimeoutMs: 1, maxConnections: 1 }
    const settings = { baseUrl: undefined, network, priceProvider: undefined, bedrock: config }
    expect(bedrock.open('it', settings, credentials).authorize).toBeUndefined()
  })
})

function open(settings: BedrockConfig) {
  const network = { connectTimeoutMs: 1, maxConnections: 1 }
  return bedrock.open('it', { baseUrl: undefined, network, priceProvider: undefined, bedrock: settings }, [])
}

function pathsBelow(path: string) {
  return { 'anthropic-messages': path, 'bedrock-converse': path, 'cohere-embeddings': path, 'cohere-rerank': path }
}
