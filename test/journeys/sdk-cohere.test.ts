import { cohereDriver } from './sdk/cohere-driver.ts'
import { sdkJourney } from './sdk/journey.ts'

sdkJourney('the Cohere SDK', { sdk: 'cohere', apis: ['cohere-chat'], kind: 'cohere', path: '', driver: cohereDriver })
