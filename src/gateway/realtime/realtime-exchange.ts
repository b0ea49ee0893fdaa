import type { Duplex } from 'node:stream'
import type { Client, Exchange } from '../exchange.ts'

/** A client's wish for a WebSocket to a model. */
export interface RealtimeExchange extends Exchange {
  readonly client: SocketClient
  /** What stands after the `?`. */
  readonly query: string
}

/** The client's side: plain HTTP until it is accepted, and a socket from then on. */
export interface SocketClient extends Client {
  /** How long it may take nothing of what waits for it, before it is cut off. */
  readonly idleMs: number
  /**
   * Answers the handshake. Both sides then speak WebSocket; `write` and `end` are not to be used any more. What the client says
   * comes at once: whoever takes the connection listens in the same turn.
   * @param answerTo what is answered to the client's key.
   */
  accept(answerTo: (key: string) => string): Duplex
}
