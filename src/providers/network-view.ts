import { hostnameOf, isPrivateByItself } from './address.ts'
import type { Provider } from './provider.ts'
import { isException } from '../config/proxy-exceptions.ts'

/** What of a provider's network is in force, for people: no login, no certificate, no key. */
export interface NetworkView {
  /** Its name may lead to private addresses. */
  readonly isPrivate: boolean
  /** As a URL. `undefined`: it is reached without one. */
  readonly proxy: string | undefined
  readonly trusts: 'system' | 'own' | 'own and system'
  /** It is shown a certificate of ours. */
  readonly hasClientCertificate: boolean
  readonly servername: string | undefined
  readonly minTlsVersion: 'TLSv1.2' | 'TLSv1.3'
}

/** How the connections to a provider are made, for people: no secrets, and of certificates only whose they are. */
export function networkView({ origin, network }: Pick<Provider, 'origin' | 'network'>): NetworkView {
  const { proxy, tls } = network
  const hostname = hostnameOf(origin)
  const authorities = tls?.authorities
  return {
    isPrivate: network.isPrivate ?? isPrivateByItself(hostname),
    proxy: proxy && !isException(hostname, proxy.except) ? urlOf(proxy.hostname, proxy.port) : undefined,
    trusts: authorities === undefined ? 'system' : authorities.length === 1 ? 'own' : 'own and system',
    hasClientCertificate: tls?.identity !== undefined,
    servername: tls?.servername,
    minTlsVersion: tls?.minVersion ?? 'TLSv1.2',
  }
}

function urlOf(hostname: string, port: number): string {
  return `http://${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`
}
