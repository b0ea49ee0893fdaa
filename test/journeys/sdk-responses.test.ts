import { aiDriver } from './sdk/ai-driver.ts'
import { sdkJourney } from './sdk/journey.ts'
import { openAiDriver } from './sdk/openai-driver.ts'

sdkJourney('the openai SDK over Responses', {
  sdk: 'openai',
  apis: ['responses'],
  kind: 'openai',
  path: '/v1',
  driver: openAiDriver,
})

sdkJourney('the AI SDK with its default OpenAI models', {
  sdk: 'ai',
  apis: ['responses'],
  kind: 'openai',
  path: '/v1',
  driver: aiDriver,
})
