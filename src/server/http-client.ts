import type { IncomingMessage, ServerResponse } from 'node:http'
import { GatewayError } from '../canonical/error.ts'
import type { Client } from '../gateway/exchange.ts'
import { chunkOf, lastChunkOf } from './chunk-framing.ts'

/** The client's side of an exchange, over one HTTP/1.1 request. */
export class HttpClient implements Client {
  readonly #incoming: IncomingMessage
  readonly #outgoing: ServerResponse
  readonly #onGone: (() => void)[] = []
  readonly #onStop: ((problem: GatewayError) => void)[] = []
  #isGone = false
  /** The body has no length in its head, and we frame its chunks. */
  #isChunked = false

  constructor(incoming: IncomingMessage, outgoing: ServerResponse) {
    this.#incoming = incoming
    this.#outgoing = outgoing
    outgoing.on('close', () => {
      if (outgoing.writableFinished) return
      this.#isGone = true
      for (const then of this.#onGone) then()
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

  readBody(maxBytes: number): Promise<Buffer> {
    const incoming = this.#incoming
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
    const tooLarge = () => {
      // The rest is not read: the connection cannot be used again.
      this.#outgoing.setHeader('connection', 'close')
      reject(new GatewayError('request_too_large', `the body is larger than ${maxBytes} bytes`))
    }
    if (Number(incoming.headers['content-length'] ?? 0) > maxBytes) {
      tooLarge()
      return promise
    }
    const chunks: Buffer[] = []
    let sizeBytes = 0
    incoming.on('data', (chunk: Buffer) => {
      sizeBytes += chunk.length
      if (sizeBytes <= maxBytes) chunks.push(chunk)
      else {
        incoming.pause()
        tooLarge()
      }
    })
    incoming.on('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)))
    incoming.on('error', (cause) => reject(new GatewayError('invalid_request', 'the body broke off', { cause })))
    incoming.on('close', () => {
      if (!incoming.complete) reject(new GatewayError('invalid_request', 'the body broke off'))
    })
    return promise
  }

  head(status: number, headers: readonly string[]): void {
    this.#outgoing.writeHead(status, headers as string[])
    // Node has written that the body comes in chunks, and must not frame it a second time. To HTTP/1.0 it says no such thing.
    this.#isChunked = this.#outgoing.chunkedEncoding
    this.#outgoing.chunkedEncoding = false
  }

  write(bytes: Buffer): boolean {
    return this.#isGone || this.#outgoing.write(this.#isChunked ? chunkOf(bytes) : bytes)
  }

  drained(then: () => void): void {
    this.#outgoing.once('drain', then)
  }

  end(lastBytes?: Buffer): void {
    if (this.#isGone) return
    if (this.#isChunked) this.#outgoing.end(lastChunkOf(lastBytes))
    else if (lastBytes) this.#outgoing.end(lastBytes)
    else this.#outgoing.end()
  }

  gone(then: () => void): void {
    if (this.#isGone) then()
    else this.#onGone.push(then)
  }

  stopped(then: (problem: GatewayError) => void): void {
    this.#onStop.push(then)
  }

  /** Ends the exchange from our side, in the client's own dialect. */
  stop(problem: GatewayError): void {
    for (const then of this.#onStop) then(problem)
  }
}
