import type { DialectName } from '../dialects/dialect.ts'
import { providerKinds } from './kinds.ts'
import { networkOf, type NetworkFiles } from './network.ts'
import type { Provider } from './provider.ts'
import { nativeOf, reservesOf } from './reserve-settings.ts'
import type { ProviderSettings } from './settings.ts'

/** A credential of the settings whose reference has been resolved. */
export interface ResolvedCredential {
  readonly secret: string
  readonly weight: number | undefined
}

export interface ProviderSurroundings {
  /** Where the simulated provider of this process listens: `startSimulated(...)` tells. */
  readonly simulatedOrigin: string
}

/**
 * Makes a provider of its settings.
 * @param secrets of `settings.credentials`, in the same order. Empty where the settings have none.
 * @param files what the references in `settings.network` lead to.
 * @param identitySecrets what those of `identityRefs` lead to.
 */
export function openProvider(
  name: string,
  settings: ProviderSettings,
  secrets: readonly ResolvedCredential[],
  around: ProviderSurroundings,
  files: NetworkFiles = {},
  identitySecrets: Readonly<Record<string, string>> = {},
): Provider {
  const given = secrets.length > 0 ? secrets : [{ secret: '', weight: undefined }]
  const credentials = given.map(({ secret, weight }, place) => ({
    id: `${name}#${place}`,
    secret,
    weight: weight ?? 1,
  }))
  const opened = providerKinds[settings.kind].open(
    name,
    {
      baseUrl: settings.kind === 'simulated' ? simulatedAddress(settings, around) : settings.baseUrl,
      network: networkOf(settings.network, files),
      priceProvider: settings.priceProvider,
      takes: 'takes' in settings && settings.takes ? new Set(settings.takes) : undefined,
      completions: settings.kind === 'openai-compatible' ? settings.completions : undefined,
      responses: settings.kind === 'openai-compatible' ? settings.responses : undefined,
      azure: settings.kind === 'azure' ? settings : undefined,
      vertex: settings.kind === 'vertex' ? settings : undefined,
      bedrock: settings.kind === 'bedrock' ? settings : undefined,
      secrets: identitySecrets,
      carries: settings.kind === 'openai-compatible' ? settings.carries : undefined,
    },
    credentials,
  )
  return {
    ...opened,
    endpoints: settings.dialects ? onlyOf(opened.endpoints, settings.dialects) : opened.endpoints,
    tags: settings.tags ?? [],
    onAbort: settings.onAbort,
    reserves: reservesOf(settings.reserve),
    native: nativeOf(settings.native),
  }
}

/** What is named and not spoken is no endpoint: `compile` refuses it. */
function onlyOf(endpoints: Provider['endpoints'], dialects: readonly DialectName[]): Provider['endpoints'] {
  const named: ReadonlySet<string> = new Set(dialects)
  return Object.fromEntries(Object.entries(endpoints).filter(([dialect]) => named.has(dialect)))
}

/** One simulated server serves every provider of the kind; its path says how fast (`simulated/serve.ts`). */
function simulatedAddress(
  settings: Extract<ProviderSettings, { kind: 'simulated' }>,
  { simulatedOrigin }: ProviderSurroundings,
): string {
  const address = settings.baseUrl ?? simulatedOrigin
  return settings.speed === 'instant' ? `${address.replace(/\/+$/, '')}/instant` : address
}
