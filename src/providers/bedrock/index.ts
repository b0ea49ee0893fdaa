import { readBaseUrl } from '../base-url.ts'
import type { Envelope } from '../envelope.ts'
import { bearer, plainHeaders } from '../headers.ts'
import type { ProviderKind } from '../kind.ts'
import { openAwsIdentity } from './aws-identity.ts'
import { signCall } from './sign-call.ts'

/**
 * Amazon Bedrock: every model in Converse, Claude in Anthropic's messages as well, by `invoke`. Calls carry one of Bedrock's own API
 * keys, or are signed.
 */
export const bedrock: ProviderKind = {
  kind: 'bedrock',
  about: {
    title: 'Amazon Bedrock: all models in Converse, Claude in its own dialect too',
    baseUrl: "its region's",
    recordedOn: '2026-08-19',
    quirks: [
      'Claude goes by `invoke`: `model` and `stream` stand in the path, the version and the betas in the body (Anthropic docs, Claude on Amazon Bedrock, 2026-11).',
      'A stream is framed as AWS does it, and may break off with an exception in place of an event (Bedrock runtime service model, 2023-09-30).',
    ],
  },
  open: (name, settings, credentials) => {
    if (!settings.bedrock) throw new Error(`provider "${name}" has no region`)
    const { region } = settings.bedrock
    const { origin, path } = readBaseUrl(settings.baseUrl ?? `https://bedrock-runtime.${region}.${domainOf(region)}`)
    const hasKeys = credentials.some(({ secret }) => secret !== '')
    const identity = openAwsIdentity(name, settings.bedrock, settings.network, settings.secrets ?? {})
    return {
      name,
      kind: 'bedrock',
      origin,
      endpoints: { 'anthropic-messages': `${path}/model`, 'bedrock-converse': `${path}/model` },
      envelopes: { 'anthropic-messages': anthropicEnvelope },
      speaks: (dialect, modelName) => dialect !== 'anthropic-messages' || isClaude(modelName),
      credentials,
      priceProvider: settings.priceProvider ?? 'aws',
      isPricedAsAsked: true,
      network: settings.network,
      headers: (_dialect, { secret }) => [...headers, ...bearer(secret)],
      ...(!hasKeys && {
        authorize: async (call, means) => {
          const key = await identity(means)
          const signed = await signCall(call, key, { region, service: 'bedrock' }, means.clock.nowMs())
          const { secretAccessKey, sessionToken } = key
          return { headers: signed, secrets: [secretAccessKey, ...(sessionToken === undefined ? [] : [sessionToken])] }
        },
      }),
    }
  },
}

/** The partition of China has a domain of its own. */
function domainOf(region: string): string {
  return region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
}

/** By the id of a model, a profile of several regions, or an ARN that ends in one: `eu.anthropic.claude-...`. */
function isClaude(modelName: string): boolean {
  return /(?:^|[./])anthropic\./.test(modelName)
}

/** What a call of `invoke` accepts is what the model writes, also where Bedrock frames it as a stream. */
const headers = plainHeaders.map((word, place) => (plainHeaders[place - 1] === 'accept' ? 'application/json' : word))

/** Anthropic docs, "Claude on Amazon Bedrock", and AWS docs, "Anthropic Claude Messages API", read 2026-11. */
const anthropicEnvelope: Envelope = {
  pathFor: (endpoint, modelName, isStream) =>
    `${endpoint}/${encodeURIComponent(modelName)}/${isStream ? 'invoke-with-response-stream' : 'invoke'}`,
  without: ['model', 'stream'],
  members: (clientHeader) => {
    const betas = clientHeader('anthropic-beta')
      ?.split(',')
      .map((beta) => beta.trim())
      .filter((beta) => beta !== '')
    return [
      { key: 'anthropic_version', value: 'bedrock-2023-05-31' },
      ...(betas && betas.length > 0 ? [{ key: 'anthropic_beta', value: betas }] : []),
    ]
  },
}
