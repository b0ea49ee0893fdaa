import { sdkJourney } from './sdk/journey.ts'
import { langChainDriver } from './sdk/langchain-driver.ts'

sdkJourney('LangChain with OpenAI chat models', {
  sdk: 'langchain',
  apis: ['chat'],
  kind: 'openai-compatible',
  path: '/v1',
  driver: langChainDriver,
})

sdkJourney('LangChain with OpenAI models over Responses', {
  sdk: 'langchain',
  apis: ['responses'],
  kind: 'openai',
  path: '/v1',
  driver: langChainDriver,
})

sdkJourney('LangChain with Anthropic models', {
  sdk: 'langchain',
  apis: ['messages'],
  kind: 'anthropic',
  path: '',
  driver: langChainDriver,
})
