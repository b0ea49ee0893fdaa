import type { ProviderSettings } from './settings.ts'

/** A reference to a secret that a provider's settings hold outside of `credentials`. */
export interface IdentityRef {
  readonly path: readonly [string, ...string[]]
  readonly ref: string
}

/** By which secrets a provider is somebody, besides its keys. */
export function identityRefs(settings: ProviderSettings): readonly IdentityRef[] {
  switch (settings.kind) {
    case 'azure':
      return entraRefs(settings.entra)
    default:
      return []
  }
}

function entraRefs(entra: Extract<ProviderSettings, { kind: 'azure' }>['entra']): readonly IdentityRef[] {
  switch (entra?.kind) {
    case 'client-secret':
      return [{ path: ['entra', 'clientSecret'], ref: entra.clientSecret }]
    case 'managed-identity':
      return entra.endpointHeader === undefined
        ? []
        : [{ path: ['entra', 'endpointHeader'], ref: entra.endpointHeader }]
    case 'workload-identity':
    case undefined:
      return []
  }
}
