import { describe, expect, it } from 'vitest'
import { enclose } from '../envelope.ts'
import { plainHeaders } from '../headers.ts'
import { asRecord } from '../laws/as-record.ts'
import { providerLaws } from '../laws/provider-laws.ts'
import type { VertexConfig } from '../vertex-settings.ts'
import { vertex } from './index.ts'

const config: VertexConfig = { kind: 'vertex', project: 'my-project', location: 'global' }
const plain = asRecord(plainHeaders)

providerLaws(vertex, {
  settings: { vertex: config },
  passes: ['anthropic-beta'],
  credentialHeaders: [],
  goldenHeaders: [
    {
      name: 'a client of Gemini with secrets and settings of its own',
      dialect: 'gemini-generate',
      secret: '',
      client: { 'x-goog-api-key': 'weir_x', 'x-goog-user-project': 'theirs', 'anthropic-beta': 'a' },
      leaves: plain,
    },
    {
      name: 'a client of Anthropic with betas; its version goes into the body',
      dialect: 'anthropic-messages',
      secret: '',
      client: { 'anthropic-version': '2023-06-01', 'anthropic-beta': 'a-2025,b-2025', 'x-api-key': 'weir_x' },
      leaves: { ...plain, 'anthropic-beta': 'a-2025,b-2025' },
    },
  ],
  goldenAddresses: [
    {
      baseUrl: undefined,
      origin: 'https://aiplatform.googleapis.com',
      paths: pathsBelow('/v1/projects/my-project/locations/global/publishers'),
    },
    {
      baseUrl: 'http://h:1/a',
      origin: 'http://h:1',
      paths: pathsBelow('/a/v1/projects/my-project/locations/global/publishers'),
    },
    {
      baseUrl: 'http://h:1/v1beta1/',
      origin: 'http://h:1',
      paths: pathsBelow('/v1beta1/projects/my-project/locations/global/publishers'),
    },
  ],
})

describe('Vertex', () => {
  it.each([
    ['us', 'https://aiplatform.us.rep.googleapis.com'],
    ['eu', 'https://aiplatform.eu.rep.googleapis.com'],
    ['europe-west4', 'https://europe-west4-aiplatform.googleapis.com'],
  ])('is reached at the address of %s', (location, origin) => {
    expect(open({ ...config, location }).origin).toBe(origin)
  })

  it('speaks with Claude in its own dialect only, and with the others in Gemini’s', () => {
    const { speaks } = open(config)
    expect(speaks?.('anthropic-messages', 'claude-sonnet-4-5@20250929')).toBe(true)
    expect(speaks?.('gemini-generate', 'claude-sonnet-4-5@20250929')).toBe(false)
    expect(speaks?.('gemini-generate', 'gemini-2.5-pro')).toBe(true)
    expect(speaks?.('anthropic-messages', 'gemini-2.5-pro')).toBe(false)
  })

  it.each([
    ['claude-sonnet-4-5@20250929', 10],
    ['claude-opus-4-6', 10],
    ['claude-of-tomorrow', 10],
    ['claude-sonnet-4@20250514', undefined],
    ['claude-sonnet-4-20250514', undefined],
    ['claude-opus-4-1@20250805', undefined],
    ['claude-3-7-sonnet@20250219', undefined],
    ['gemini-2.5-pro', undefined],
  ])('asks for %s in a region %s per cent more than globally', (modelName, percent) => {
    expect(open({ ...config, location: 'europe-west4' }).surchargeOf?.(modelName)?.percent).toBe(percent)
    expect(open({ ...config, location: 'global' }).surchargeOf?.(modelName)).toBeUndefined()
  })

  it('has Claude’s model and stream in the path, its version in the body, and the rest as it came', () => {
    const envelope = open(config).envelopes?.['anthropic-messages']
    if (!envelope) throw new Error('no envelope')
    const pathOf = (modelName: string, isStream: boolean) => envelope.pathFor('/p', modelName, isStream)
    expect(pathOf('claude-3-7-sonnet@20250219', false)).toBe('/p/models/claude-3-7-sonnet@20250219:rawPredict')
    expect(pathOf('claude/../x', true)).toBe('/p/models/claude%2F..%2Fx:streamRawPredict')
    const body = Buffer.from('{ "model":"claude", "max_tokens" : 1.0,"stream":true }')
    expect(enclose(body, envelope, () => undefined).toString()).toBe(
      '{ "max_tokens" : 1.0,"stream":true ,"anthropic_version":"vertex-2023-10-16"}',
    )
  })
})

function pathsBelow(publishers: string) {
  return {
    'gemini-generate': `${publishers}/google`,
    'gemini-embeddings': `${publishers}/google`,
    'gemini-count-tokens': `${publishers}/google`,
    'anthropic-messages': `${publishers}/anthropic`,
  }
}

function open(vertexConfig: VertexConfig) {
  const network = { connectTimeoutMs: 1, maxConnections: 1 }
  return vertex.open('it', { baseUrl: undefined, network, priceProvider: undefined, vertex: vertexConfig }, [])
}
