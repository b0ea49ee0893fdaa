import { plainHeaders } from '../headers.ts'
import { asRecord } from '../laws/as-record.ts'
import { providerLaws } from '../laws/provider-laws.ts'
import { cohere } from './index.ts'

providerLaws(cohere, {
  passes: [],
  credentialHeaders: ['authorization'],
  goldenHeaders: [
    {
      name: 'a client with secrets and settings of its own',
      dialect: 'cohere-chat',
      secret: 'co-ours',
      client: { authorization: 'Bearer weir_x', 'x-client-name': 'theirs', 'x-fern-language': 'JavaScript' },
      leaves: { ...asRecord(plainHeaders), authorization: 'Bearer co-ours' },
    },
  ],
  goldenAddresses: [
    {
      baseUrl: undefined,
      origin: 'https://api.cohere.com',
      paths: { 'cohere-chat': '/v2/chat', 'cohere-embeddings': '/v2/embed', 'cohere-rerank': '/v2/rerank' },
    },
    {
      baseUrl: 'http://h:1/a',
      origin: 'http://h:1',
      paths: { 'cohere-chat': '/a/v2/chat', 'cohere-embeddings': '/a/v2/embed', 'cohere-rerank': '/a/v2/rerank' },
    },
    {
      baseUrl: 'http://h:1/a/v2',
      origin: 'http://h:1',
      paths: { 'cohere-chat': '/a/v2/chat', 'cohere-embeddings': '/a/v2/embed', 'cohere-rerank': '/a/v2/rerank' },
    },
    {
      baseUrl: 'http://h:1/v1',
      origin: 'http://h:1',
      paths: { 'cohere-chat': '/v2/chat', 'cohere-embeddings': '/v2/embed', 'cohere-rerank': '/v2/rerank' },
    },
  ],
})
