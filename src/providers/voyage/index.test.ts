import { plainHeaders } from '../headers.ts'
import { asRecord } from '../laws/as-record.ts'
import { providerLaws } from '../laws/provider-laws.ts'
import { voyage } from './index.ts'

providerLaws(voyage, {
  passes: [],
  credentialHeaders: ['authorization'],
  goldenHeaders: [
    {
      name: 'a client that sends its own',
      dialect: 'voyage-embeddings',
      secret: 'pa-1',
      client: { authorization: 'Bearer weir_x', 'user-agent': 'voyageai/0.3' },
      leaves: { ...asRecord(plainHeaders), authorization: 'Bearer pa-1' },
    },
  ],
  goldenAddresses: [
    {
      baseUrl: undefined,
      origin: 'https://api.voyageai.com',
      paths: { 'voyage-embeddings': '/v1/embeddings', 'voyage-rerank': '/v1/rerank' },
    },
    {
      baseUrl: 'https://ai.mongodb.com/v1',
      origin: 'https://ai.mongodb.com',
      paths: { 'voyage-embeddings': '/v1/embeddings', 'voyage-rerank': '/v1/rerank' },
    },
  ],
})
