import { anthropicDriver } from './sdk/anthropic-driver.ts'
import { sdkJourney } from './sdk/journey.ts'

sdkJourney('the Anthropic SDK', {
  sdk: 'anthropic',
  apis: ['messages'],
  kind: 'anthropic',
  path: '',
  driver: anthropicDriver,
})
