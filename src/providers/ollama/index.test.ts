import { plainHeaders } from '../headers.ts'
import { asRecord } from '../laws/as-record.ts'
import { providerLaws } from '../laws/provider-laws.ts'
import { ollama } from './index.ts'

const paths = {
  'ollama-chat': '/api/chat',
  'openai-chat': '/v1/chat/completions',
  'openai-completions': '/v1/completions',
  'openai-embeddings': '/v1/embeddings',
}

providerLaws(ollama, {
  passes: [],
  credentialHeaders: ['authorization'],
  goldenHeaders: [
    {
      name: 'in the cloud',
      dialect: 'ollama-chat',
      secret: 'key',
      client: { cookie: 'a=b' },
      leaves: { ...asRecord(plainHeaders), authorization: 'Bearer key' },
    },
    {
      name: 'on a machine of one’s own',
      dialect: 'ollama-chat',
      secret: '',
      client: {},
      leaves: asRecord(plainHeaders),
    },
  ],
  goldenAddresses: [
    { baseUrl: undefined, origin: 'http://127.0.0.1:11434', paths },
    { baseUrl: 'http://gpu.internal:11434/v1/', origin: 'http://gpu.internal:11434', paths },
    {
      baseUrl: 'https://h/ollama',
      origin: 'https://h',
      paths: {
        'ollama-chat': '/ollama/api/chat',
        'openai-chat': '/ollama/v1/chat/completions',
        'openai-completions': '/ollama/v1/completions',
        'openai-embeddings': '/ollama/v1/embeddings',
      },
    },
  ],
})
