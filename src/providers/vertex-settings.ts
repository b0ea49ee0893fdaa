import { z } from 'zod'
import { secretRef } from '../config/secrets.ts'
import { networkSettings } from '../config/network-settings.ts'
import { baseUrl, everyKind } from './shared-settings.ts'

export const vertexSettings = z
  .strictObject({
    kind: z.literal('vertex').describe('Vertex AI of Google Cloud.'),
    project: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.:-]{0,62}$/, "must be a project's id or number")
      .describe("The project's id."),
    location: z
      .string()
      .regex(/^[a-z][a-z0-9-]{1,31}$/, 'must be a location such as global, eu or europe-west4')
      .describe('Where models run: `global`, `us`, `eu`, or a region such as `europe-west4`.')
      .default('global'),
    serviceAccount: secretRef
      .describe(
        "The JSON key of a service account: `file:PATH` or `env:NAME`. Default: the machine's own credentials, as Google's libraries find them.",
      )
      .optional(),
    baseUrl: baseUrl
      .describe('Another place that speaks the same API; `/v1` is added where no version is named.')
      .optional(),
    network: networkSettings.optional(),
    ...everyKind,
  })
  .describe("Vertex AI of Google Cloud: Gemini's generateContent and Anthropic's messages.")

export type VertexConfig = z.infer<typeof vertexSettings>
