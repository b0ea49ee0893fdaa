import type { ConfigPath } from '../config/config-path.ts'
import { readListenerTls, type ListenerTls, type ListenerTlsSettings } from '../config/listener-tls.ts'
import { resolveSecret } from '../config/secrets.ts'
import type { ConfigSources } from '../config/sources.ts'
import { readAuthorities, readIdentity, type TlsFile } from '../config/tls-files.ts'
import type { NetworkFiles } from '../providers/network.ts'
import type { NetworkConfig } from '../config/network-settings.ts'

/** Where problems and warnings of a config that is being compiled go. */
export interface Reports {
  readonly sources: ConfigSources
  /** What is not there is a problem to a gateway that starts, and a warning to an offline check. */
  readonly mustHaveSecrets: boolean
  readonly nowMs: number
  problem(path: ConfigPath, message: string): void
  warning(message: string): void
}

/** Reads the certificate of a listener. */
export function openListenerTls(
  settings: ListenerTlsSettings | undefined,
  listener: 'server' | 'admin',
  reports: Reports,
): ListenerTls | undefined {
  if (!settings) return undefined
  return taken(readListenerTls(settings, reports.sources, reports.nowMs), [listener, 'tls'], reports)
}

/**
 * Reads what the references in network settings lead to.
 * @param path of these settings.
 */
export function openNetworkFiles(
  path: ConfigPath,
  settings: NetworkConfig | undefined,
  reports: Reports,
): NetworkFiles {
  const { proxy, tls } = settings ?? {}
  const { sources, nowMs } = reports
  const tlsPath = [...path, 'tls']
  return {
    proxyLogin: proxy?.login === undefined ? undefined : proxyLogin(proxy.login, [...path, 'proxy', 'login'], reports),
    authorities:
      tls?.ca === undefined ? undefined : taken(readAuthorities('ca', tls.ca, sources, nowMs), tlsPath, reports),
    identity:
      tls?.cert === undefined || tls.key === undefined
        ? undefined
        : taken(readIdentity({ cert: tls.cert, key: tls.key }, sources, nowMs), tlsPath, reports),
  }
}

function proxyLogin(ref: string, path: ConfigPath, reports: Reports): string | undefined {
  const secret = resolveSecret(ref, reports.sources)
  if (!secret.ok) {
    if (reports.mustHaveSecrets) reports.problem(path, secret.reason)
    else reports.warning(`${path.join('.')}: ${secret.reason}`)
    return undefined
  }
  if (!secret.value.includes(':')) reports.problem(path, 'must lead to `user:password`; there is no colon in it')
  return secret.value
}

function taken<T>(file: TlsFile<T>, path: ConfigPath, reports: Reports): T | undefined {
  if (file.ok) {
    for (const warning of file.warnings) reports.warning(`${path.join('.')}: ${warning}`)
    return file.value
  }
  for (const { key, reason, isAbsent } of file.problems) {
    if (isAbsent && !reports.mustHaveSecrets) reports.warning(`${path.join('.')}.${key}: ${reason}`)
    else reports.problem([...path, key], reason)
  }
  return undefined
}
