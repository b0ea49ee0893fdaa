import { openReceiver, type Receiver } from '../alerts/receiver.ts'
import type { AlertsSettings } from '../alerts/settings.ts'
import type { ConfigPath } from '../config/config-path.ts'
import { isLoopbackHost } from '../config/host-and-port.ts'
import { resolveSecret } from '../config/secrets.ts'
import type { Reports } from './network-files.ts'

/** Those who are told of budgets, with their secrets. */
export function openReceivers(settings: AlertsSettings, reports: Reports): ReadonlyMap<string, Receiver> {
  const receivers = new Map<string, Receiver>()
  for (const [name, { url, secret: ref, timeoutMs }] of Object.entries(settings)) {
    const path: ConfigPath = ['alerts', name, 'secret']
    const secret = resolveSecret(ref, reports.sources)
    if (!secret.ok) {
      if (reports.mustHaveSecrets) reports.problem(path, secret.reason)
      else reports.warning(`${path.join('.')}: ${secret.reason}`)
      continue
    }
    const { protocol, hostname } = new URL(url)
    if (protocol === 'http:' && !isLoopbackHost(hostname.replace(/^\[(.*)\]$/, '$1')))
      reports.warning(
        `alerts.${name}.url: http: what is spent goes over the network in clear; use https, or a receiver on this machine`,
      )
    const receiver = openReceiver(name, { url, timeoutMs }, secret.value)
    if (typeof receiver === 'string') reports.problem(path, receiver)
    else receivers.set(name, receiver)
  }
  return receivers
}
