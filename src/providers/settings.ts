import { z } from 'zod'
import { priceRow } from '../config/price-row.ts'
import { secretRef } from '../config/secrets.ts'
import { tagList } from '../config/tags.ts'
import { targetWords } from '../dialects/translation.ts'
import { baseUrlProblem } from './base-url.ts'
import { onAbortPolicies } from './provider.ts'
import { nearNetworkSettings, networkSettings } from './network-settings.ts'

const credential = z.strictObject({
  apiKey: secretRef,
  weight: z
    .number()
    .positive()
    .max(1_000_000)
    .describe('Its share of the calls among the credentials of this provider. Default 1.')
    .optional(),
})

const credentials = z
  .union([credential, z.array(credential).min(1).max(64)])
  .transform((given) => (Array.isArray(given) ? given : [given]))
  .describe('One key, or several that share the calls by weight. When one is refused, the next is used.')

const baseUrl = z
  .string()
  .superRefine((text, context) => {
    const problem = baseUrlProblem(text)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  })
  .meta({ format: 'uri' })

const everyKind = {
  when: secretRef
    .describe('The provider is on when this secret is there, and off, said at start, when it is not.')
    .optional(),
  tags: tagList.describe('What is promised of this provider, such as `region:eu`; `require` asks for it.').optional(),
  onAbort: z
    .enum(onAbortPolicies)
    .describe(
      'A call whose client has gone. `drain`: its answer is listened to for up to 5 seconds or 512 tokens, to learn what it costs; where that does not come, its budgets count the most it can cost. `cancel-and-estimate`: it is broken off, and a stream is counted as far as it was seen. Default: drain where a budget in dollars or tokens is above the call, else cancel-and-estimate.',
    )
    .optional(),
  prices: z
    .record(z.string().min(1).max(256), priceRow)
    .describe("Prices by the provider's model name, or a pattern with one `*`. They win over the built-in list.")
    .optional(),
  priceProvider: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, "must be a provider's id in the price list, such as openai")
    .describe('Whose list prices apply, by the id in the price list. Default: those of the kind.')
    .optional(),
}

const openai = z
  .strictObject({
    kind: z.literal('openai').describe("OpenAI's API."),
    credentials,
    baseUrl: baseUrl.describe('Another place that speaks the same API, with its `/v1`.').optional(),
    network: networkSettings.optional(),
    ...everyKind,
  })
  .describe("OpenAI's API: chat completions, responses and embeddings.")

const anthropic = z
  .strictObject({
    kind: z.literal('anthropic').describe("Anthropic's API."),
    credentials,
    baseUrl: baseUrl.describe('Another place that speaks the same API; `/v1/messages` is added.').optional(),
    network: networkSettings.optional(),
    ...everyKind,
  })
  .describe("Anthropic's API: messages.")

const gemini = z
  .strictObject({
    kind: z.literal('gemini').describe("Google's Gemini API."),
    credentials,
    baseUrl: baseUrl
      .describe('Another place that speaks the same API; `/v1beta` is added where no version is named.')
      .optional(),
    network: networkSettings.optional(),
    ...everyKind,
  })
  .describe("Google's Gemini API: generateContent.")

const openaiCompatible = z
  .strictObject({
    kind: z.literal('openai-compatible').describe("Any server that speaks OpenAI's API."),
    baseUrl: baseUrl.describe('Where it is, up to what stands before `/chat/completions`.'),
    takes: z
      .array(z.enum(targetWords))
      .describe("Words beyond OpenAI's that it takes, or in place of them, for calls that are translated for it.")
      .optional(),
    responses: z
      .boolean()
      .describe("It also speaks OpenAI's Responses, at `/responses` beside `/chat/completions`. Default false.")
      .optional(),
    credentials: credentials.optional(),
    network: networkSettings.optional(),
    ...everyKind,
  })
  .describe("Any server that speaks OpenAI's chat completions and embeddings, such as vLLM or Ollama.")

const simulated = z
  .strictObject({
    kind: z.literal('simulated').describe('The built-in provider that makes up its answers.'),
    speed: z
      .enum(['realistic', 'instant'])
      .describe('`realistic`: answers take time as a model does. `instant`: they do not.')
      .default('realistic'),
    baseUrl: baseUrl
      .describe('A simulated provider that runs as its own process. Default: one inside this process.')
      .optional(),
    credentials: credentials.optional(),
    network: nearNetworkSettings.optional(),
    ...everyKind,
  })
  .describe('A provider inside Weir that makes up answers: to try things out, without an account and without cost.')

export const providerSettings = z.discriminatedUnion('kind', [openai, anthropic, gemini, openaiCompatible, simulated])

/** The `providers:` map of the config, by name. A name stands in headers and records. */
export const providersSettings = z
  .record(
    z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'may hold up to 64 letters, digits, dots, dashes and underscores'),
    providerSettings,
  )
  .describe('The providers behind Weir, each under a name of your own.')

export type ProviderSettings = z.infer<typeof providerSettings>
