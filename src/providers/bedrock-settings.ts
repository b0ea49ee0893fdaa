import { z } from 'zod'
import { secretRef } from '../config/secrets.ts'
import { networkSettings } from '../config/network-settings.ts'
import { baseUrl, credentials, everyKind } from './shared-settings.ts'

const accessKey = z
  .strictObject({
    id: secretRef.describe('The access key id: `env:AWS_ACCESS_KEY_ID`.'),
    secret: secretRef.describe('The secret access key: `env:AWS_SECRET_ACCESS_KEY`.'),
    sessionToken: secretRef.describe('Of a temporary key.').optional(),
  })
  .describe("A key of AWS's own, in place of the default chain.")

const assumeRole = z
  .strictObject({
    roleArn: z
      .string()
      .regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/, 'must be the ARN of a role')
      .describe('The role.'),
    externalId: z
      .string()
      .regex(/^[\w+=,.@:/-]{2,1224}$/, 'may hold letters, digits and _ + = , . @ : / -')
      .describe('What the account of the role asks for.')
      .optional(),
    sessionName: z
      .string()
      .regex(/^[\w+=,.@-]{2,64}$/, 'may hold 2 to 64 letters, digits and _ + = , . @ -')
      .describe('The name that stands in its logs.')
      .default('weir'),
    endpoint: baseUrl.describe('Where roles are given. Default: STS of the region.').optional(),
  })
  .describe('A role that is assumed with the key or the chain.')

export const bedrockSettings = z
  .strictObject({
    kind: z.literal('bedrock').describe('Amazon Bedrock.'),
    region: z
      .string()
      .regex(/^[a-z]{2,4}(-[a-z]{2,12}){1,3}-\d{1,2}$/, 'must be a region such as eu-central-1')
      .describe('The region that is called. A model id may name others behind it, such as `eu.anthropic...`.'),
    credentials: credentials
      .describe("Bedrock's own API keys. Without any: `accessKey`, or the default chain.")
      .optional(),
    accessKey: accessKey.optional(),
    profile: z
      .string()
      .regex(/^[\w.@-]{1,128}$/, 'may hold letters, digits and _ . @ -')
      .describe("A profile of AWS's shared files, for the default chain.")
      .optional(),
    assumeRole: assumeRole.optional(),
    baseUrl: baseUrl.describe('Another address, such as that of a VPC endpoint.').optional(),
    network: networkSettings.optional(),
    ...everyKind,
  })
  .superRefine((given, context) => {
    const without = (key: 'accessKey' | 'profile' | 'assumeRole', other: 'credentials' | 'accessKey') => {
      if (given[key] !== undefined && given[other] !== undefined)
        context.addIssue({ code: 'custom', message: `has no effect beside \`${other}\``, path: [key] })
    }
    without('accessKey', 'credentials')
    without('profile', 'credentials')
    without('assumeRole', 'credentials')
    without('profile', 'accessKey')
  })
  .describe("Amazon Bedrock: Converse for all of its models, Anthropic's messages for Claude.")

export type BedrockConfig = z.infer<typeof bedrockSettings>
