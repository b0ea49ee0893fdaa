import type { ConfigPath } from '../config/config-path.ts'
import { resolveSecret } from '../config/secrets.ts'
import type { GuardWay } from '../gateway/guards/guard-way.ts'
import type { AskedGuard } from '../policies/guardrails/external/asked-guard.ts'
import type { AskSettings } from '../policies/guardrails/external/guard-kinds.ts'
import { judgeAddress, judgeTls } from '../providers/network-problems.ts'
import { networkOf } from '../providers/network.ts'
import type { NetworkSettings, Provider } from '../providers/provider.ts'
import { openNetworkFiles, type Reports } from './network-files.ts'

/** What the way to a guard is made of. */
interface WayParts {
  readonly settings: Exclude<AskSettings, { readonly kind: 'model' }>
  /** Of its `ask` in the config. */
  readonly path: ConfigPath
  /** Those of the config that are on. */
  readonly providers: ReadonlyMap<string, Provider>
  readonly reports: Reports
}

/** The way to a guard that judges elsewhere: by the same rules for addresses, certificates and proxies as to a provider. */
export function openGuardWay({ origin }: AskedGuard, name: string, parts: WayParts): GuardWay {
  const { path, reports } = parts
  const network = networkFor(origin, parts)
  const { problem, warning } = judgeAddress(origin, network)
  if (problem !== undefined) reports.problem([...path, 'url'], problem)
  if (warning !== undefined) reports.warning(`${path.join('.')}: ${warning}`)
  return { name: `guardrail ${name}`, origin, network, authorize: proofOf(parts) }
}

/** Where the runtime of a provider of Bedrock is, which applies guardrails too. */
export function bedrockAddress(provider: Provider | undefined): string | undefined {
  const converse = provider?.kind === 'bedrock' ? provider.endpoints['bedrock-converse'] : undefined
  return converse === undefined ? undefined : `${provider?.origin}${converse.replace(/\/model$/, '')}`
}

function networkFor(origin: string, { settings, path, providers, reports }: WayParts): NetworkSettings {
  // It is where the provider is, and reached as it is.
  if (settings.kind === 'bedrock-guardrail') return providers.get(settings.provider)?.network ?? networkOf(undefined)
  const network = networkOf(settings.network, openNetworkFiles([...path, 'network'], settings.network, reports))
  const unused = judgeTls(origin, network)
  if (unused !== undefined) reports.problem([...path, 'network', 'tls'], unused)
  return network
}

/** How each kind is told who we are. */
function proofOf(parts: WayParts): GuardWay['authorize'] {
  const { settings } = parts
  switch (settings.kind) {
    case 'http':
    case 'presidio':
    case 'openai-moderation':
    case 'lakera':
      return bearer(keyOf(settings.key, parts))
    case 'bedrock-guardrail':
      return proofOfProvider(settings.provider, 'bedrock', parts)
    case 'model-armor':
      return proofOfProvider(settings.provider, 'vertex', parts)
    case 'azure-content-safety':
    case 'azure-prompt-shields':
      return settings.provider === undefined
        ? proof('ocp-apim-subscription-key', keyOf(settings.key, parts))
        : proofOfProvider(settings.provider, 'azure', parts)
  }
}

/** What proves it to a cloud is there already, for one of its providers: a token, a signature, or a key of Bedrock's own. */
function proofOfProvider(
  name: string,
  kind: 'bedrock' | 'vertex' | 'azure',
  { path, providers, reports }: WayParts,
): GuardWay['authorize'] {
  const provider = providers.get(name)
  const [credential] = provider?.credentials ?? []
  const authorize = provider?.authorize?.bind(provider)
  if (provider?.kind !== kind || credential === undefined)
    reports.problem([...path, 'provider'], `must name a provider of kind \`${kind}\` that is on; \`${name}\` is none`)
  else if (authorize) return (call, means) => authorize({ ...call, credential }, means)
  else if (kind === 'azure')
    reports.problem([...path, 'provider'], `must name one with \`entra\`; for a key, give \`key\` in its place`)
  return bearer(credential?.secret)
}

function bearer(key: string | undefined): GuardWay['authorize'] {
  return proof('authorization', key === undefined ? undefined : `Bearer ${key}`, key)
}

/** @param secret what in it must not be told on; absent: all of it. */
function proof(header: string, value: string | undefined, secret = value): GuardWay['authorize'] {
  const authorization =
    value === undefined || secret === undefined
      ? { headers: [], secrets: [] }
      : { headers: [header, value], secrets: [secret] }
  return () => authorization
}

/** @returns `undefined` where the settings have none, and where it is not there, which is reported. */
function keyOf(ref: string | undefined, { path, reports }: WayParts): string | undefined {
  if (ref === undefined) return undefined
  const secret = resolveSecret(ref, reports.sources)
  if (secret.ok) return secret.value
  if (reports.mustHaveSecrets) reports.problem([...path, 'key'], secret.reason)
  else reports.warning(`${path.join('.')}: ${secret.reason}`)
  return undefined
}
