import { readBaseUrl } from '../base-url.ts'
import type { DialectName } from '../../dialects/dialect.ts'
import type { Envelope } from '../envelope.ts'
import { bearer, plainHeaders } from '../headers.ts'
import type { ProviderKind } from '../kind.ts'
import { openAwsIdentity } from './aws-identity.ts'
import { signCall } from './sign-call.ts'

/**
 * Amazon Bedrock: every model in Converse, and by `invoke` Claude in Anthropic's messages as well, and Cohere's models that embed and
 * rank. Calls carry one of Bedrock's own API
 * keys, or are signed.
 */
export const bedrock: ProviderKind = {
  kind: 'bedrock',
  about: {
    title: 'Amazon Bedrock: all models in Converse, Claude in its own dialect too, vectors and ranking by Cohere',
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
      endpoints: {
        'anthropic-messages': `${path}/model`,
        'bedrock-converse': `${path}/model`,
        'cohere-embeddings': `${path}/model`,
        'cohere-rerank': `${path}/model`,
      },
      envelopes: {
        'anthropic-messages': anthropicEnvelope,
        'cohere-embeddings': cohereEnvelope([]),
        'cohere-rerank': cohereEnvelope([{ key: 'api_version', value: 2 }]),
      },
      speaks: (dialect, modelName) => invoked.get(dialect)?.test(modelName) ?? true,
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

/**
 * Whose models are asked by `invoke`, in the words of their makers: by the id of a model, a profile of several regions, or an ARN that
 * ends in one: `eu.anthropic.claude-...`.
 */
const invoked: ReadonlyMap<DialectName, RegExp> = new Map([
  ['anthropic-messages', /(?:^|[./])anthropic\./],
  ['cohere-embeddings', /(?:^|[./])cohere\.embed-/],
  ['cohere-rerank', /(?:^|[./])cohere\.rerank-/],
])

/** What a call of `invoke` accepts is what the model writes, also where Bedrock frames it as a stream. */
const headers = plainHeaders.map((word, place) => (plainHeaders[place - 1] === 'accept' ? 'application/json' : word))

/** Anthropic docs, "Claude on Amazon Bedrock", and AWS docs, "Anthropic Claude Messages API", read 2026-11. */
const anthropicEnvelope: Envelope = {
  pathFor: invokePath,
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

/** AWS docs, "Cohere Embed" and "Cohere Rerank" on Amazon Bedrock, read 2026-11; recorded 2025 and 2026. */
function cohereEnvelope(members: ReturnType<Envelope['members']>): Envelope {
  return { pathFor: invokePath, without: ['model'], members: () => members }
}

function invokePath(endpoint: string, modelName: string, isStream: boolean): string {
  return `${endpoint}/${encodeURIComponent(modelName)}/${isStream ? 'invoke-with-response-stream' : 'invoke'}`
}
