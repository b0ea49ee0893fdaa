import { genAiDriver } from './sdk/genai-driver.ts'
import { sdkJourney } from './sdk/journey.ts'

sdkJourney('the Google SDK', { sdk: 'genai', apis: ['generate'], kind: 'gemini', path: '', driver: genAiDriver })
