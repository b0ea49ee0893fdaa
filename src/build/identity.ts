import type { ConfigPath } from '../config/config-path.ts'
import { resolveSecret } from '../config/secrets.ts'
import { identityRefs } from '../providers/identity-refs.ts'
import type { ProviderSettings } from '../providers/settings.ts'
import type { Reports } from './network-files.ts'

/** Resolves the secrets by which a provider is somebody, besides its keys: by their dotted keys. */
export function openIdentity(
  name: string,
  settings: ProviderSettings,
  { secrets, mustHaveSecrets, problem, warning }: Reports,
): Readonly<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const { path, ref } of identityRefs(settings)) {
    const secret = resolveSecret(ref, secrets)
    const place: ConfigPath = ['providers', name, ...path]
    if (secret.ok) found[path.join('.')] = secret.value
    else if (mustHaveSecrets) problem(place, secret.reason)
    else warning(`${place.join('.')}: ${secret.reason}`)
  }
  return found
}
