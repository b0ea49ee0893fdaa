import { plainHeaders } from '../headers.ts'
import { asRecord } from '../laws/as-record.ts'
import { providerLaws } from '../laws/provider-laws.ts'
import { anthropic } from './index.ts'

const plain = { ...asRecord(plainHeaders), 'x-api-key': 'sk-ant' }

const paths = (messages: string) => ({
  'anthropic-messages': messages,
  'anthropic-count-tokens': `${messages}/count_tokens`,
})

providerLaws(anthropic, {
  passes: ['anthropic-version', 'anthropic-beta'],
  credentialHeaders: ['x-api-key'],
  goldenHeaders: [
    {
      name: 'a client that says nothing',
      dialect: 'anthropic-messages',
      secret: 'sk-ant',
      client: {},
      leaves: { ...plain, 'anthropic-version': '2023-06-01' },
    },
    {
      name: 'a client with a version, betas and secrets of its own',
      dialect: 'anthropic-messages',
      secret: 'sk-ant',
      client: {
        'anthropic-version': '2024-01-01',
        'anthropic-beta': 'one-2025-01-01,two-2025-02-02',
        'x-api-key': 'weir_x',
        'anthropic-dangerous-direct-browser-access': 'true',
      },
      leaves: { ...plain, 'anthropic-version': '2024-01-01', 'anthropic-beta': 'one-2025-01-01,two-2025-02-02' },
    },
  ],
  goldenAddresses: [
    {
      baseUrl: undefined,
      origin: 'https://api.anthropic.com',
      paths: paths('/v1/messages'),
    },
    { baseUrl: 'http://h:1/a', origin: 'http://h:1', paths: paths('/a/v1/messages') },
    { baseUrl: 'http://h:1/a/v1', origin: 'http://h:1', paths: paths('/a/v1/messages') },
  ],
})
