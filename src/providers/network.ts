import { getCACertificates } from 'node:tls'
import type { NetworkConfig } from '../config/network-settings.ts'
import type { NetworkSettings, Proxy, UpstreamTls } from './provider.ts'

/** What the references in a provider's network settings lead to. */
export interface NetworkFiles {
  /** `user:password`. */
  readonly proxyLogin?: string | undefined
  /** PEM. */
  readonly authorities?: string | undefined
  readonly identity?: { readonly certificate: string; readonly key: string } | undefined
}

export const defaultNetwork = { connectTimeoutMs: 3_000, maxConnections: 1_000 } as const satisfies NetworkSettings

/** Lays the settings of the config and what they refer to together. */
export function networkOf(settings: NetworkConfig = {}, files: NetworkFiles = {}): NetworkSettings {
  return {
    connectTimeoutMs: settings.connectTimeoutMs ?? defaultNetwork.connectTimeoutMs,
    maxConnections: settings.maxConnections ?? defaultNetwork.maxConnections,
    isPrivate: settings.private,
    proxy: settings.proxy && proxyOf(settings.proxy, files),
    tls: settings.tls && tlsOf(settings.tls, files),
  }
}

function proxyOf({ url, except }: NonNullable<NetworkConfig['proxy']>, { proxyLogin }: NetworkFiles): Proxy {
  const { hostname, port } = new URL(url)
  return {
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || 80),
    authorization: proxyLogin === undefined ? undefined : `Basic ${Buffer.from(proxyLogin).toString('base64')}`,
    except: except ?? [],
  }
}

function tlsOf(settings: NonNullable<NetworkConfig['tls']>, { authorities, identity }: NetworkFiles): UpstreamTls {
  const system = settings.systemCa === true ? getCACertificates('default') : []
  return {
    authorities: authorities === undefined ? undefined : [...system, authorities],
    identity,
    servername: settings.servername,
    minVersion: settings.minVersion ?? 'TLSv1.2',
  }
}
