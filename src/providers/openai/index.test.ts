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
      },
    },
  ],
})
