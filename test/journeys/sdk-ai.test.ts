import { aiDriver } from './sdk/ai-driver.ts'
import { sdkJourney } from './sdk/journey.ts'

sdkJourney('the AI SDK with OpenAI chat models', {
  sdk: 'ai',
  apis: ['chat'],
  kind: 'openai-compatible',
  path: '/v1',
  driver: aiDriver,
})

sdkJourney('the AI SDK with Anthropic models', {
  sdk: 'ai',
  apis: ['messages'],
  kind: 'anthropic',
  path: '/v1',
  driver: aiDriver,
})

sdkJourney('the AI SDK with Google models', {
  sdk: 'ai',
  apis: ['generate'],
  kind: 'gemini',
  path: '/v1beta',
  driver: aiDriver,
})
