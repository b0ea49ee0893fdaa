import { z } from 'zod'
import { baseUrl } from '../../../config/base-url.ts'
import { networkSettings } from '../../../config/network-settings.ts'
import { secretRef } from '../../../config/secrets.ts'

/** Of Azure AI Content Safety, for all that it does. */
export const azureSafetyVersion = '2024-09-01'

/** The signs of one call. */
export const longestAzureText = 10_000

/** Where a resource of it is, and who we are there. */
export const azureAccess = {
  url: baseUrl.describe('Of the resource: `https://NAME.cognitiveservices.azure.com`.'),
  key: secretRef.describe('Its key: a reference, `env:NAME` or `file:PATH`. Either this or `provider`.').optional(),
  provider: z
    .string()
    .describe('A provider of kind `azure` with `entra`, whose tokens are used. Either this or `key`.')
    .optional(),
  network: networkSettings.optional(),
}
