import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { HttpClient } from './http-client.ts'

/** What is known of one connection. */
export interface Line {
  requests: number
  /** The last answer that was begun on it and has not left it yet, and for whom. */
  answer: ServerResponse | undefined
  client: HttpClient | undefined
  /** Something came that is no HTTP. */
  isBroken: boolean
  /** The last round of spreading clients anew that it has been through. */
  round: number
}

/** @param round of now: one that opens later has nothing to do with it. */
export function lineOf(lines: WeakMap<Duplex, Line>, socket: Duplex, round: number): Line {
  const known = lines.get(socket)
  if (known) return known
  const made: Line = { requests: 0, answer: undefined, client: undefined, isBroken: false, round }
  lines.set(socket, made)
  return made
}

/** Whether an answer has not left yet. What is written on the connection itself would come before it, or into its middle. */
export function isAnswering(line: Line | undefined): boolean {
  return line?.answer !== undefined && !line.answer.writableFinished
}

/**
 * Lets go of an answer that has left: a connection at rest would else keep all of its last call until the next, for a minute
 * perhaps, and V8 would take every call for one that lives long.
 */
export function forget(line: Line, answer: ServerResponse): void {
  if (line.answer !== answer || !answer.writableFinished) return
  line.answer = undefined
  line.client = undefined
}
