import { plainHeaders } from '../headers.ts'
import { asRecord } from '../laws/as-record.ts'
import { providerLaws } from '../laws/provider-laws.ts'
import { gemini } from './index.ts'

const paths = (versioned: string) => ({
  'gemini-generate': versioned,
  'gemini-embeddings': versioned,
  'gemini-count-tokens': versioned,
})

providerLaws(gemini, {
  passes: [],
  credentialHeaders: ['x-goog-api-key'],
  goldenHeaders: [
    {
      name: 'a client with secrets and settings of its own',
      dialect: 'gemini-generate',
      secret: 'AIza-ours',
      client: { 'x-goog-api-key': 'weir_x', authorization: 'Bearer weir_x', 'x-goog-user-project': 'theirs' },
      leaves: { ...asRecord(plainHeaders), 'x-goog-api-key': 'AIza-ours' },
    },
  ],
  goldenAddresses: [
    {
      baseUrl: undefined,
      origin: 'https://generativelanguage.googleapis.com',
      paths: paths('/v1beta'),
    },
    { baseUrl: 'http://h:1/a', origin: 'http://h:1', paths: paths('/a/v1beta') },
    { baseUrl: 'http://h:1/a/v1', origin: 'http://h:1', paths: paths('/a/v1') },
    { baseUrl: 'http://h:1/v1beta', origin: 'http://h:1', paths: paths('/v1beta') },
  ],
})
