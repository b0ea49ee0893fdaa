import { isAbsolute } from 'node:path'
import { z } from 'zod'
import { secretRef } from '../config/secrets.ts'
import { networkSettings } from '../config/network-settings.ts'
import { baseUrl, credentials, everyKind } from './shared-settings.ts'

const uuidOrName = z.string().regex(/^[A-Za-z0-9.-]{1,128}$/, 'may hold letters, digits, dots and dashes')
const tenantId = uuidOrName.describe("The directory's id or domain.")
const clientId = uuidOrName.describe('The application (client) id.')
const authority = baseUrl
  .describe('Who gives out tokens. Default: `https://login.microsoftonline.com`; national clouds have their own.')
  .optional()

const entra = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('client-secret').describe('An application with a secret.'),
      tenantId,
      clientId,
      clientSecret: secretRef.describe("The application's secret: `env:NAME` or `file:PATH`."),
      authority,
    }),
    z.strictObject({
      kind: z
        .literal('workload-identity')
        .describe('A workload whose platform writes it a token, such as a pod on AKS.'),
      tenantId,
      clientId,
      tokenFile: z
        .string()
        .max(4_096)
        .refine(isAbsolute, 'must be an absolute path')
        .describe(
          "Where the platform writes the workload's token (`AZURE_FEDERATED_TOKEN_FILE`). Read for every renewal.",
        ),
      authority,
    }),
    z.strictObject({
      kind: z.literal('managed-identity').describe('The identity of the machine or app that Weir runs on.'),
      clientId: clientId.describe('Of a user-assigned identity. Default: the one that the system assigned.').optional(),
      endpoint: baseUrl
        .describe(
          'Where the identity is served. Default: that of virtual machines. App Service and Container Apps tell theirs as `IDENTITY_ENDPOINT`.',
        )
        .optional(),
      endpointHeader: secretRef
        .describe('What App Service and Container Apps tell as `IDENTITY_HEADER`: `env:IDENTITY_HEADER`.')
        .optional(),
    }),
  ])
  .describe('Tokens of Microsoft Entra ID in place of a key.')

export const azureSettings = z
  .strictObject({
    kind: z.literal('azure').describe('Azure OpenAI and Azure AI Foundry.'),
    resource: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/, "must be the resource's name, such as my-company")
      .describe("The resource's name: the first part of its host. Either this or `baseUrl`.")
      .optional(),
    baseUrl: baseUrl.describe('Where it is, up to what stands before `/openai`, `/models` or `/anthropic`.').optional(),
    api: z
      .enum(['v1', 'deployments', 'models', 'anthropic'])
      .describe(
        '`v1`: `/openai/v1`, the deployment in the body. `deployments`: `/openai/deployments/NAME`, by `apiVersion`. `models`: the inference API of Foundry, `/models`. `anthropic`: Claude in Foundry, `/anthropic`.',
      )
      .default('v1'),
    apiVersion: z
      .string()
      .regex(/^(\d{4}-\d{2}-\d{2}(-preview)?|preview|latest)$/, 'must be a version such as 2024-10-21')
      .describe(
        'Default: `2024-10-21` for `deployments`, `2024-05-01-preview` for `models`, and none for the others, which need none.',
      )
      .optional(),
    credentials: credentials.optional(),
    entra: entra.optional(),
    scope: z
      .url()
      .max(256)
      .describe(
        "What Entra's tokens are for. Default: `https://cognitiveservices.azure.com/.default`, for `anthropic` `https://ai.azure.com/.default`.",
      )
      .optional(),
    network: networkSettings.optional(),
    ...everyKind,
  })
  .superRefine((given, context) => {
    if ((given.resource === undefined) === (given.baseUrl === undefined))
      context.addIssue({ code: 'custom', message: 'needs either `resource` or `baseUrl`', path: ['resource'] })
    if ((given.credentials === undefined) === (given.entra === undefined))
      context.addIssue({ code: 'custom', message: 'needs either `credentials` or `entra`', path: ['credentials'] })
    if (given.apiVersion !== undefined && given.api === 'anthropic')
      context.addIssue({ code: 'custom', message: 'has no effect where `api` is `anthropic`', path: ['apiVersion'] })
    if (given.scope !== undefined && given.entra === undefined)
      context.addIssue({ code: 'custom', message: 'has an effect only with `entra`', path: ['scope'] })
  })
  .describe(
    'Azure OpenAI and Azure AI Foundry: chat completions, responses and embeddings of your deployments, and messages of Claude.',
  )

export type AzureConfig = z.infer<typeof azureSettings>
export type EntraConfig = z.infer<typeof entra>
