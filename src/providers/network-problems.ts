import { addressKind, hostnameOf, isPrivateByItself } from './address.ts'
import type { NetworkSettings } from './provider.ts'

export interface NetworkVerdict {
  /** Why no connection to this provider could ever be made. */
  readonly problem?: string
  /** What an operator should know before the first call fails. */
  readonly warning?: string
}

/**
 * Holds a provider's address against `network.private`, as far as the address alone tells (failures.md L3, L4).
 */
export function judgeAddress(origin: string, { isPrivate, proxy }: NetworkSettings): NetworkVerdict {
  const hostname = hostnameOf(origin)
  const kind = addressKind(hostname)
  if (kind === 'nobody' && !isName(hostname))
    return { problem: `${hostname} is not the address of a server; for this machine write 127.0.0.1` }
  if (kind === 'link-local' && isPrivate !== true)
    return {
      problem: `${hostname} is a link-local address, or another where clouds serve the credentials of a machine; if a provider is there all the same, set network.private: true`,
    }
  if (isPrivateByItself(hostname) && isPrivate === false)
    return { problem: `${hostname} is private, and network.private says that this provider is not` }
  if (isPrivate === undefined && proxy === undefined && isInternalName(hostname))
    return {
      warning: `${hostname} looks like a name inside your network; where it leads to a private address, calls are refused unless network.private is true`,
    }
  return {}
}

/** @returns what is wrong with TLS settings for an origin that nobody speaks TLS with. */
export function judgeTls(origin: string, { tls }: NetworkSettings): string | undefined {
  return tls !== undefined && origin.startsWith('http:')
    ? `has no effect: ${origin} is reached without TLS; write https: there, or leave this out`
    : undefined
}

function isName(hostname: string): boolean {
  return !/^[\d.]+$/.test(hostname) && !hostname.includes(':')
}

/** Names that the internet does not have: without a dot, and under the endings kept for such use (RFC 6762, RFC 8375, ICANN 2024). */
function isInternalName(hostname: string): boolean {
  if (!isName(hostname) || isPrivateByItself(hostname)) return false
  const name = hostname.replace(/\.$/, '')
  return !name.includes('.') || /\.(local|internal|lan|corp|home\.arpa)$/i.test(name)
}
