import net from 'node:net'
import ipaddr from 'ipaddr.js'

/**
 * Whether a host is reached without the proxy.
 * @param exceptions names, `*.name` for all names below one, addresses, and ranges such as `10.0.0.0/8`. Ranges hold for hosts
 * that are addresses: a name is not looked up for this.
 */
export function isException(hostname: string, exceptions: readonly string[]): boolean {
  const name = hostname.toLowerCase().replace(/\.$/, '')
  return exceptions.some((exception) => matches(name, exception.toLowerCase()))
}

function matches(name: string, exception: string): boolean {
  if (exception.startsWith('*.')) return name.endsWith(exception.slice(1))
  if (net.isIP(name) === 0) return name === exception
  const address = ipaddr.parse(name)
  if (!exception.includes('/'))
    return net.isIP(exception) !== 0 && ipaddr.parse(exception).toString() === address.toString()
  const [range, bits] = ipaddr.parseCIDR(exception)
  return range.kind() === address.kind() && address.match(range, bits)
}

/** What is wrong with an entry of the list, or `undefined`. */
export function exceptionProblem(exception: string): string | undefined {
  if (exception.includes('/'))
    return ipaddr.isValidCIDR(exception) ? undefined : 'is no range of addresses; write one such as 10.0.0.0/8'
  if (net.isIP(exception) !== 0 || /^(\*\.)?[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/i.test(exception)) return undefined
  return 'must be a name, `*.name`, an address or a range, without a port'
}
