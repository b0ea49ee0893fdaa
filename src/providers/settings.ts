import { z } from 'zod'
import { azureSettings } from './azure-settings.ts'
import { bedrockSettings } from './bedrock-settings.ts'
import { nearNetworkSettings, networkSettings } from '../config/network-settings.ts'
import { hostedSettings, ownServerSettings, takes } from './row-settings.ts'
import { baseUrl, credentials, everyKind } from './shared-settings.ts'
import { vertexSettings } from './vertex-settings.ts'

const openai = z
  .strictObject({
    kind: z.literal('openai').describe("OpenAI's API."),
    credentials,
    baseUrl: baseUrl.describe('Another place that speaks the same API, with its `/v1`.').optional(),
    network: networkSettings.optional(),
    ...everyKind,
  })
  .describe("OpenAI's API: chat completions, responses, embeddings, and completions for the models that take those.")

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

const cohere = z
  .strictObject({
    kind: z.literal('cohere').describe("Cohere's API."),
    credentials,
    baseUrl: baseUrl.describe('Another place that speaks the same API; `/v2/chat` is added.').optional(),
    network: networkSettings.optional(),
    ...everyKind,
  })
  .describe("Cohere's API, version 2: chat.")

const openaiCompatible = z
  .strictObject({
    kind: z.literal('openai-compatible').describe("Any server that speaks OpenAI's API."),
    baseUrl: baseUrl.describe('Where it is, up to what stands before `/chat/completions`.'),
    takes: takes.optional(),
    completions: z
      .boolean()
      .describe(
        "It also speaks OpenAI's older Completions, at `/completions`, for every model it has. Default false: then their clients are answered by chat completions.",
      )
      .optional(),
    responses: z
      .boolean()
      .describe("It also speaks OpenAI's Responses, at `/responses` beside `/chat/completions`. Default false.")
      .optional(),
    carries: z
      .boolean()
      .describe("It also keeps files, batches and answers, at the paths of OpenAI's API. Default false.")
      .optional(),
    credentials: credentials.optional(),
    network: networkSettings.optional(),
    ...everyKind,
  })
  .describe("Any server that speaks OpenAI's chat completions and embeddings, such as vLLM or llama.cpp.")

const ollama = z
  .strictObject({
    kind: z.literal('ollama').describe('Ollama, here or in its cloud.'),
    baseUrl: baseUrl
      .describe('Where it is, up to what stands before `/api` and `/v1`. Default: `http://127.0.0.1:11434`.')
      .optional(),
    credentials: credentials.optional(),
    network: networkSettings.optional(),
    ...everyKind,
  })
  .describe("Ollama: its own chat, and OpenAI's chat completions, completions and embeddings.")

const voyage = z
  .strictObject({
    kind: z.literal('voyage').describe("Voyage AI's API."),
    credentials,
    baseUrl: baseUrl.describe('Another place that speaks the same API, with its `/v1`.').optional(),
    network: networkSettings.optional(),
    ...everyKind,
  })
  .describe("Voyage AI's API: embeddings and reranking.")

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

export const providerSettings = z.discriminatedUnion('kind', [
  openai,
  anthropic,
  gemini,
  azureSettings,
  vertexSettings,
  bedrockSettings,
  cohere,
  openaiCompatible,
  voyage,
  ollama,
  simulated,
  hostedSettings,
  ownServerSettings,
])

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
