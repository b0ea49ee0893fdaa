import { z } from 'zod'
import { targetWords } from '../dialects/translation.ts'
import { networkSettings } from '../config/network-settings.ts'
import { hostedKinds, ownServerKinds } from './openai-compatible/row-kinds.ts'
import { baseUrl, credentials, everyKind } from './shared-settings.ts'

export const takes = z
  .array(z.enum(targetWords))
  .describe("Words beyond OpenAI's that it takes, or in place of them, for calls that are translated for it.")

export const hostedSettings = z
  .strictObject({
    kind: z.enum(hostedKinds).describe("A provider that speaks OpenAI's API, known by name: see docs/providers.md."),
    credentials,
    baseUrl: baseUrl
      .describe('Another place that speaks the same API, up to what stands before `/chat/completions`.')
      .optional(),
    takes: takes.optional(),
    network: networkSettings.optional(),
    ...everyKind,
  })
  .describe("A provider that speaks OpenAI's API, known by name.")

export const ownServerSettings = z
  .strictObject({
    kind: z.enum(ownServerKinds).describe("A server of your own that speaks OpenAI's API: see docs/providers.md."),
    credentials: credentials.optional(),
    baseUrl: baseUrl
      .describe('Where it is, up to what stands before `/chat/completions`. Default: on this machine, at its own port.')
      .optional(),
    takes: takes.optional(),
    network: networkSettings.optional(),
    ...everyKind,
  })
  .describe("A server of your own that speaks OpenAI's API, known by name.")
