import type { Clock } from '../canonical/clock.ts'
import type { ErrorKind } from '../canonical/error.ts'
import type { Credential, Provider } from '../providers/provider.ts'

/** How long a credential that a provider refused is left out, unless the config is reloaded before. */
export const credentialRestMs = 300_000

/** What the gateway has seen of its providers. In memory: it is relearnt within seconds of a start. */
export interface Health {
  noteSuccess(provider: Provider): void
  noteFailure(provider: Provider, kind: ErrorKind): void
  /** The provider refused our secret: it rests, and is reported. */
  noteCredentialRefused(provider: Provider, credential: Credential): void
  isUsable(provider: Provider, credential: Credential): boolean
  /** The config was reloaded: what rested may be a new secret under the same name. */
  wakeCredentials(): void
  read(provider: Provider): ProviderHealth
}

export interface ProviderHealth {
  readonly successes: number
  readonly failures: number
  readonly consecutiveFailures: number
  readonly lastSuccessAtMs: number | undefined
  readonly lastFailure: { readonly atMs: number; readonly kind: ErrorKind } | undefined
  /** Ids of credentials that rest because the provider refused them. */
  readonly restingCredentials: readonly string[]
}

export function openHealth(clock: Clock, onCredentialRefused: (credentialId: string) => void): Health {
  const seen = new Map<string, ProviderHealth>()
  const restingUntilMs = new Map<string, number>()
  const rests = (credentialId: string) => clock.monotonicMs() < (restingUntilMs.get(credentialId) ?? -Infinity)
  const read = (provider: Provider): ProviderHealth => ({
    ...(seen.get(provider.name) ?? unseen),
    restingCredentials: provider.credentials.map(({ id }) => id).filter(rests),
  })
  return {
    read,
    noteSuccess: (provider) => {
      const was = seen.get(provider.name) ?? unseen
      seen.set(provider.name, {
        ...was,
        successes: was.successes + 1,
        consecutiveFailures: 0,
        lastSuccessAtMs: clock.nowMs(),
      })
    },
    noteFailure: (provider, kind) => {
      const was = seen.get(provider.name) ?? unseen
      seen.set(provider.name, {
        ...was,
        failures: was.failures + 1,
        consecutiveFailures: was.consecutiveFailures + 1,
        lastFailure: { atMs: clock.nowMs(), kind },
      })
    },
    noteCredentialRefused: (_provider, credential) => {
      restingUntilMs.set(credential.id, clock.monotonicMs() + credentialRestMs)
      onCredentialRefused(credential.id)
    },
    isUsable: (_provider, credential) => !rests(credential.id),
    wakeCredentials: () => restingUntilMs.clear(),
  }
}

const unseen: ProviderHealth = {
  successes: 0,
  failures: 0,
  consecutiveFailures: 0,
  lastSuccessAtMs: undefined,
  lastFailure: undefined,
  restingCredentials: [],
}
