import { isIPv4 } from 'node:net'
import { z } from 'zod'

/** Where to listen: `127.0.0.1:8081`, `[::1]:8081`, `localhost:8081`. */
export const hostAndPort = z
  .string()
  .regex(/^(\[[0-9a-f:.]+\]|[A-Za-z0-9.-]+):\d{1,5}$/i, {
    error: 'write HOST:PORT, such as 127.0.0.1:8081',
    // Of what has no port, nothing is to be said about the port.
    abort: true,
  })
  .refine((text) => Number(text.slice(text.lastIndexOf(':') + 1)) <= 65_535, 'the port is above 65535')

/** Splits `HOST:PORT`, brackets of IPv6 removed. */
export function splitHostAndPort(text: string): { readonly host: string; readonly port: number } {
  const colon = text.lastIndexOf(':')
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) }
}

/** Whether only this machine can reach it. A name other than `localhost` may resolve to anything, so it is not. */
export function isLoopbackHost(host: string): boolean {
  const lower = host.toLowerCase()
  return lower === 'localhost' || lower === '::1' || (isIPv4(lower) && lower.startsWith('127.'))
}
