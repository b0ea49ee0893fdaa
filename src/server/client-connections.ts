import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { HttpClient } from './http-client.ts'

/** What is known of one connection. */
export interface ClientConnection {
  requests: number
  /** The last answer that was begun on it and has not left it yet, and for whom. */
  answer: ServerResponse | undefined
  client: HttpClient | undefined
  /** Something came that is no HTTP. */
  isBroken: boolean
  /** The last round of spreading clients anew that it has been through. */
  round: number
}

/** The connections of a listener. */
export class ClientConnections {
  readonly #known = new WeakMap<Duplex, ClientConnection>()
  readonly #random: () => number
  /** Grows with each `spread`. */
  #round = 0
  #movedShare = 0

  /** @param random uniform in [0, 1). */
  constructor(random: () => number) {
    this.#random = random
  }

  /** What is known of a connection. One that opens now has nothing to do with the round of now. */
  of(socket: Duplex): ClientConnection {
    const known = this.#known.get(socket)
    if (known) return known
    const made: ClientConnection = {
      requests: 0,
      answer: undefined,
      client: undefined,
      isBroken: false,
      round: this.#round,
    }
    this.#known.set(socket, made)
    return made
  }

  /** Whether an answer has not left a connection yet. What is written on the connection itself would come before it, or into its middle. */
  isAnswering(socket: Duplex): boolean {
    const answer = this.#known.get(socket)?.answer
    return answer !== undefined && !answer.writableFinished
  }

  /** Begins a round: this share of the clients, 0 to 1, is to connect anew. */
  spread(share: number): void {
    this.#round += 1
    this.#movedShare = share
  }

  /** Whether the client is one of those that are sent to connect anew. Each is asked about once in a round. */
  isToMove(connection: ClientConnection): boolean {
    if (connection.round === this.#round) return false
    connection.round = this.#round
    return this.#random() < this.#movedShare
  }
}

/**
 * Lets go of an answer that has left: a connection at rest would else keep all of its last call until the next, for a minute
 * perhaps, and V8 would take every call for one that lives long.
 */
export function forget(connection: ClientConnection, answer: ServerResponse): void {
  if (connection.answer !== answer || !answer.writableFinished) return
  connection.answer = undefined
  connection.client = undefined
}
