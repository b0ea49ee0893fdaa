import { plainHeaders } from '../headers.ts'
import { asRecord } from '../laws/as-record.ts'
import { providerLaws } from '../laws/provider-laws.ts'
import { simulated } from './index.ts'

const paths = (base: string) => ({
  'openai-chat': `${base}/v1/chat/completions`,
  'openai-responses': `${base}/v1/responses`,
  'openai-embeddings': `${base}/v1/embeddings`,
  'anthropic-messages': `${base}/v1/messages`,
  'gemini-generate': `${base}/v1beta`,
})

providerLaws(simulated, {
  passes: ['x-weir-request-id', 'x-weir-attempt'],
  credentialHeaders: ['authorization'],
  goldenHeaders: [
    { name: 'without labels', dialect: 'openai-chat', secret: '', client: {}, leaves: asRecord(plainHeaders) },
    {
      name: 'with the labels of an attempt',
      dialect: 'anthropic-messages',
      secret: 'key',
      client: { 'x-weir-request-id': 'r1', 'x-weir-attempt': '2', 'x-weir-metadata': '{}' },
      leaves: {
        ...asRecord(plainHeaders),
        authorization: 'Bearer key',
        'x-weir-request-id': 'r1',
        'x-weir-attempt': '2',
      },
    },
  ],
  goldenAddresses: [
    { baseUrl: 'http://127.0.0.1:5', origin: 'http://127.0.0.1:5', paths: paths('') },
    { baseUrl: 'http://127.0.0.1:5/instant', origin: 'http://127.0.0.1:5', paths: paths('/instant') },
  ],
})
