import type { ConfigPath } from '../config/config-path.ts'
import { resolveSecret } from '../config/secrets.ts'
import type { GuardWay } from '../gateway/guard-way.ts'
import type { AskedGuard } from '../policies/guardrails/external/asked-guard.ts'
import type { AskSettings } from '../policies/guardrails/external/guard-kinds.ts'
import { judgeAddress } from '../providers/network-problems.ts'
import { networkOf } from '../providers/network.ts'
import { openNetworkFiles, type Reports } from './network-files.ts'

/**
 * The way to a guard that judges elsewhere: by the same rules for addresses, certificates and proxies as to a provider.
 * @param path of its `ask` in the config.
 */
export function openGuardWay(
  { origin }: AskedGuard,
  settings: AskSettings,
  name: string,
  path: ConfigPath,
  reports: Reports,
): GuardWay {
  const network = networkOf(settings.network, openNetworkFiles([...path, 'network'], settings.network, reports))
  const { problem, warning } = judgeAddress(origin, network)
  if (problem !== undefined) reports.problem([...path, 'url'], problem)
  if (warning !== undefined) reports.warning(`${path.join('.')}: ${warning}`)
  return { name: `guardrail ${name}`, origin, network, authorize: proofOf(settings, path, reports) }
}

/** How each kind is told who we are. */
function proofOf(settings: AskSettings, path: ConfigPath, reports: Reports): GuardWay['authorize'] {
  switch (settings.kind) {
    case 'http':
      return bearer(keyOf(settings.key, path, reports))
  }
}

function bearer(key: string | undefined): GuardWay['authorize'] {
  const authorization =
    key === undefined ? { headers: [], secrets: [] } : { headers: ['authorization', `Bearer ${key}`], secrets: [key] }
  return () => authorization
}

/** @returns `undefined` where the settings have none, and where it is not there, which is reported. */
function keyOf(ref: string | undefined, path: ConfigPath, reports: Reports): string | undefined {
  if (ref === undefined) return undefined
  const secret = resolveSecret(ref, reports.secrets)
  if (secret.ok) return secret.value
  if (reports.mustHaveSecrets) reports.problem([...path, 'key'], secret.reason)
  else reports.warning(`${path.join('.')}: ${secret.reason}`)
  return undefined
}
