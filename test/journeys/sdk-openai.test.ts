import { sdkJourney } from './sdk/journey.ts'
import { openAiDriver } from './sdk/openai-driver.ts'

sdkJourney('the openai SDK', {
  sdk: 'openai',
  apis: ['chat', 'embeddings'],
  kind: 'openai-compatible',
  path: '/v1',
  driver: openAiDriver,
})
