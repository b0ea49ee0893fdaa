import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock, Timer } from '../canonical/clock.ts'
import type { GatewayError } from '../canonical/error.ts'
import type { Client } from '../gateway/exchange.ts'
import { waitsForContinue } from './accept.ts'
import type { Place } from './admission.ts'
import { chunkOf, lastChunkOf } from './chunk-framing.ts'
import { discardRest } from './discard-rest.ts'
import { bodyTooLarge, readBody } from './read-body.ts'

/** Bytes that may wait for a slow reader before its provider is paused. One read from the provider comes on top: 64 KiB at most. */
export const waitingBytes = 16 * 1024
/** Whole answers go out in pieces of this size, each when the one before has gone. */
const pieceBytes = 64 * 1024

/** How patient the gateway is with this client. */
export interface Patience {
  readonly clock: Clock
  readonly bodyMs: number
  readonly minBodyBytesPerSecond: number
  /** How long a client may take nothing of what waits for it. */
  readonly clientIdleMs: number
}

/** The client's side of an exchange, over one HTTP/1.1 request. */
export class HttpClient implements Client {
  readonly #incoming: IncomingMessage
  readonly #outgoing: ServerResponse
  readonly #patience: Patience
  readonly #place: Pick<Place, 'hold' | 'expect'>
  readonly #onGone: (() => void)[] = []
  readonly #onStop: ((problem: GatewayError) => void)[] = []
  readonly #onOver: (() => void)[] = []
  #isGone = false
  #stopped: GatewayError | undefined
  /** The body has no length in its head, and we frame its chunks. */
  #isChunked = false
  #isOver = false
  #hasUnreadRest = false
  #reader: Timer | undefined

  constructor(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    patience: Patience,
    place: Pick<Place, 'hold' | 'expect'>,
  ) {
    this.#incoming = incoming
    this.#outgoing = outgoing
    this.#patience = patience
    this.#place = place
    outgoing.on('close', () => {
      this.#reader?.cancel()
      if (!outgoing.writableFinished && !this.#hasUnreadRest) this.lose()
      this.#end()
    })
    // What breaks on the client's connection is told by `close`; without a listener the error would end the process.
    outgoing.on('error', () => outgoing.destroy())
  }

  get isGone(): boolean {
    return this.#isGone
  }

  get hasBegun(): boolean {
    return this.#outgoing.headersSent
  }

  async readBody(maxBytes: number): Promise<Buffer> {
    const incoming = this.#incoming
    const announcedBytes = Number(incoming.headers['content-length'] ?? 0)
    if (announcedBytes > maxBytes) throw bodyTooLarge(maxBytes)
    this.#place.expect(announcedBytes)
    // Only now is the client told to send it: who is refused before keeps its body.
    if (waitsForContinue(incoming)) this.#outgoing.writeContinue()
    const { clock, bodyMs, minBodyBytesPerSecond: minBytesPerSecond } = this.#patience
    const hold = (sizeBytes: number) => this.#place.hold(sizeBytes)
    return readBody(incoming, { clock, maxBytes, bodyMs, minBytesPerSecond, hold })
  }

  head(status: number, headers: readonly string[]): void {
    // What is left of a body that nobody read would be taken for the next request: the connection is not used again (N1).
    this.#hasUnreadRest = !this.#incoming.complete
    if (this.#hasUnreadRest) this.#outgoing.setHeader('connection', 'close')
    this.#outgoing.writeHead(status, headers as string[])
    // Node has written that the body comes in chunks, and must not frame it a second time. To HTTP/1.0 it says no such thing.
    this.#isChunked = this.#outgoing.chunkedEncoding
    this.#outgoing.chunkedEncoding = false
  }

  write(bytes: Buffer): boolean {
    if (this.#isGone || this.#outgoing.write(this.#isChunked ? chunkOf(bytes) : bytes)) return true
    this.#watchReader()
    return false
  }

  drained(then: () => void): void {
    this.#outgoing.once('drain', then)
  }

  end(lastBytes?: Buffer): void {
    if (this.#isGone) return
    if (lastBytes && lastBytes.length > pieceBytes) return this.#endInPieces(lastBytes)
    if (this.#hasUnreadRest) return this.#endAfterRest(lastBytes)
    this.#watchReader()
    if (this.#isChunked) this.#outgoing.end(lastChunkOf(lastBytes))
    else if (lastBytes) this.#outgoing.end(lastBytes)
    else this.#outgoing.end()
  }

  breakOff(): void {
    this.#outgoing.destroy()
  }

  gone(then: () => void): void {
    if (this.#isGone) then()
    else this.#onGone.push(then)
  }

  stopped(then: (problem: GatewayError) => void): void {
    if (this.#stopped) then(this.#stopped)
    else this.#onStop.push(then)
  }

  /** Ends the exchange from our side, in the client's own dialect. */
  stop(problem: GatewayError): void {
    this.#stopped = problem
    for (const then of this.#onStop) then(problem)
  }

  /** Nobody can be answered any more on this connection. */
  lose(): void {
    if (this.#isGone || this.#isOver) return
    this.#isGone = true
    for (const then of this.#onGone) then()
  }

  /** Calls back once when the answer has left for the client, or the client has gone. */
  over(then: () => void): void {
    this.#onOver.push(then)
  }

  #endInPieces(bytes: Buffer): void {
    let from = 0
    const more = () => {
      while (from + pieceBytes < bytes.length && !this.#isGone) {
        const piece = bytes.subarray(from, from + pieceBytes)
        from += pieceBytes
        if (!this.write(piece)) return void this.drained(more)
      }
      this.end(bytes.subarray(from))
    }
    more()
  }

  /** The client has its whole answer, by its length or its last chunk; the connection closes when it has stopped sending. */
  #endAfterRest(lastBytes: Buffer | undefined): void {
    const bytes = this.#isChunked ? lastChunkOf(lastBytes) : lastBytes
    if (bytes) this.#outgoing.write(bytes)
    discardRest(this.#incoming, this.#patience.clock, () => this.#outgoing.end())
    this.#end()
  }

  #end(): void {
    if (this.#isOver) return
    this.#isOver = true
    for (const then of this.#onOver) then()
  }

  /** Bytes wait for the client. If it takes none of them for too long, it is cut off: others need the room (N6, fault 40). */
  #watchReader(): void {
    if (this.#reader) return
    this.#reader = this.#patience.clock.after(this.#patience.clientIdleMs, () => this.#outgoing.destroy())
    this.#outgoing.once('drain', () => {
      this.#reader?.cancel()
      this.#reader = undefined
    })
  }
}
