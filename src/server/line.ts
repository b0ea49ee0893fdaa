import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { HttpClient } from './http-client.ts'

/** What is known of one connection. */
export interface Line {
  requests: number
  /** The last answer that was begun on it, and for whom. */
  answer: ServerResponse | undefined
  client: HttpClient | undefined
  /** Something came that is no HTTP. */
  isBroken: boolean
}

export function lineOf(lines: WeakMap<Duplex, Line>, socket: Duplex): Line {
  const known = lines.get(socket)
  if (known) return known
  const made: Line = { requests: 0, answer: undefined, client: undefined, isBroken: false }
  lines.set(socket, made)
  return made
}
