import type { ProviderSettings } from './settings.ts'
import { readServiceAccount } from './vertex/service-account.ts'

/** A reference to a secret that a provider's settings hold outside of `credentials`. */
export interface IdentityRef {
  readonly path: readonly [string, ...string[]]
  readonly ref: string
  /** A text of several lines, such as a JSON key; a key or a password has one. */
  readonly isText?: boolean
  /** What is wrong with the secret, without a word of it; `undefined`: nothing. */
  readonly problemOf?: (secret: string) => string | undefined
}

/** By which secrets a provider is somebody, besides its keys. */
export function identityRefs(settings: ProviderSettings): readonly IdentityRef[] {
  switch (settings.kind) {
    case 'azure':
      return entraRefs(settings.entra)
    case 'vertex':
      return settings.serviceAccount === undefined
        ? []
        : [{ path: ['serviceAccount'], ref: settings.serviceAccount, isText: true, problemOf: problemOfAccount }]
    case 'bedrock':
      return Object.entries(settings.accessKey ?? {}).flatMap(([key, ref]) =>
        ref === undefined ? [] : [{ path: ['accessKey', key], ref }],
      )
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

function problemOfAccount(json: string): string | undefined {
  const account = readServiceAccount(json)
  return account.ok ? undefined : account.reason
}

/** Packages that a provider's credentials need, and that nobody else does: they are not part of the gateway's own. */
export function neededPackages(settings: ProviderSettings): readonly string[] {
  switch (settings.kind) {
    case 'vertex':
      return ['google-auth-library']
    case 'bedrock':
      return settings.credentials || settings.accessKey ? [] : ['@aws-sdk/credential-provider-node']
    default:
      return []
  }
}
