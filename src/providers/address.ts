import net from 'node:net'
import ipaddr from 'ipaddr.js'

/**
 * Whom an address belongs to.
 * - `public`: anyone on the internet.
 * - `private`: this machine, this network, a carrier's, or an address that hides another one (IPv4-mapped, NAT64, 6to4).
 * - `link-local`: this wire. Clouds serve the credentials of a machine there (169.254.169.254), and at some other addresses that
 *   count as such.
 * - `nobody`: no server has it (0.0.0.0, multicast, broadcast), or it is no address.
 */
export type AddressKind = 'public' | 'private' | 'link-local' | 'nobody'

/** @param address in its usual spelling, IPv6 without brackets. */
export function addressKind(address: string): AddressKind {
  if (net.isIP(address) === 0) return 'nobody'
  const parsed = ipaddr.parse(address)
  const range = parsed.range()
  if (ofMachines.has(parsed.toNormalizedString()) || hides(parsed, 'linkLocal')) return 'link-local'
  if (parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress()) {
    const inner = addressKind(parsed.toIPv4Address().toString())
    return inner === 'public' ? 'private' : inner
  }
  if (range === 'unspecified' || range === 'multicast' || range === 'broadcast') return 'nobody'
  if (range === 'linkLocal') return 'link-local'
  return range === 'unicast' && isGlobal(parsed) ? 'public' : 'private'
}

/** Where clouds serve the credentials of a machine, beside link-local addresses: AWS, Google and Alibaba docs, read 2026-11. */
const ofMachines = new Set(['fd00:ec2:0:0:0:0:0:254', 'fd20:ce:0:0:0:0:0:254', '100.100.100.200'])

/** Whether an IPv6 address is another way to say an IPv4 one of a range: by 6to4, or by NAT64 in a /96. */
function hides(address: ipaddr.IPv4 | ipaddr.IPv6, range: ReturnType<ipaddr.IPv4['range']>): boolean {
  if (address instanceof ipaddr.IPv4) return false
  const bytes = address.toByteArray()
  const isNat64 = address.match(nat64) || address.match(localNat64)
  const hidden = address.match(sixToFour) ? bytes.slice(2, 6) : isNat64 ? bytes.slice(12) : undefined
  return hidden !== undefined && new ipaddr.IPv4(hidden).range() === range
}

const sixToFour = ipaddr.IPv6.parseCIDR('2002::/16')
const nat64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96')
const localNat64 = ipaddr.IPv6.parseCIDR('64:ff9b:1::/48')

/** All that is routed on the internet is in 2000::/3; what lies outside and has no name yet is not. */
function isGlobal(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return address instanceof ipaddr.IPv4 || address.match(globalUnicast)
}

const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3')

/**
 * Whether a host in a base URL says by itself that it is private: `localhost`, or such an address as it stands. A name
 * never does, since whoever answers for the name could point it anywhere.
 */
export function isPrivateByItself(hostname: string): boolean {
  return isLocalhost(hostname) || addressKind(hostname) === 'private'
}

/** The addresses of a name that may be connected to. Private ones are only where the provider is marked so. */
export function connectable(addresses: readonly string[], mayBePrivate: boolean): readonly string[] {
  return addresses.filter((address) => {
    const kind = addressKind(address)
    return kind === 'public' || (mayBePrivate && kind !== 'nobody')
  })
}

/** Families by turns, beginning with the one that comes first (RFC 8305): a whole family may be without a route. */
export function familiesInTurn(addresses: readonly string[]): readonly string[] {
  const family = net.isIP(addresses[0] ?? '')
  const first = addresses.filter((address) => net.isIP(address) === family)
  const other = addresses.filter((address) => net.isIP(address) !== family)
  return Array.from({ length: addresses.length }, (_, place) => [first[place], other[place]])
    .flat()
    .filter((address) => address !== undefined)
}

/** RFC 6761: `localhost` and what is below it are this machine. */
function isLocalhost(hostname: string): boolean {
  return /^(?:.+\.)?localhost\.?$/i.test(hostname)
}

/** The host of a URL or an origin as connections name it: IPv6 without brackets. */
export function hostnameOf(origin: string): string {
  return new URL(origin).hostname.replace(/^\[|\]$/g, '')
}
