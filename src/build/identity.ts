import { createRequire } from 'node:module'
import type { ConfigPath } from '../config/config-path.ts'
import { resolveSecret } from '../config/secrets.ts'
import { identityRefs, neededPackages } from '../providers/identity-refs.ts'
import type { ProviderSettings } from '../providers/settings.ts'
import type { Reports } from './network-files.ts'

/**
 * Resolves the secrets by which a provider is somebody, besides its keys, by their dotted keys; and looks whether the packages are
 * there that know what to do with them. They are not loaded.
 */
export function openIdentity(
  name: string,
  settings: ProviderSettings,
  { sources, mustHaveSecrets, problem, warning }: Reports,
  isInstalled: (packageName: string) => boolean = isThere,
): Readonly<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const { path, ref, isText, problemOf } of identityRefs(settings)) {
    const secret = resolveSecret(ref, sources, isText === true ? 'text' : 'line')
    const place: ConfigPath = ['providers', name, ...path]
    const wrong = secret.ok ? problemOf?.(secret.value) : undefined
    if (wrong !== undefined) problem(place, wrong)
    else if (secret.ok) found[path.join('.')] = secret.value
    else if (mustHaveSecrets) problem(place, secret.reason)
    else warning(`${place.join('.')}: ${secret.reason}`)
  }
  for (const packageName of neededPackages(settings).filter((one) => !isInstalled(one))) {
    const place: ConfigPath = ['providers', name, 'kind']
    const missing = `needs the package ${packageName}, which is not installed; run: npm install ${packageName}`
    if (mustHaveSecrets) problem(place, missing)
    else warning(`${place.join('.')}: ${missing}`)
  }
  return found
}

function isThere(packageName: string): boolean {
  try {
    createRequire(import.meta.url).resolve(packageName)
    return true
  } catch {
    // Node says why in many ways; each of them means that it could not be loaded.
    return false
  }
}
