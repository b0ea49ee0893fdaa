import type { GatewayError } from '../canonical/error.ts'
import type { Client } from './exchange.ts'
import { SseScanner } from '../wire/sse.ts'

/**
 * A client that wants a stream as one JSON array: each event's data is an element, written as it comes. Nothing behind it knows of
 * the difference. What is no stream passes as it is.
 */
export class JsonArrayClient implements Client {
  readonly #client: Client
  /** `undefined`: no stream. */
  #scanner: SseScanner | undefined
  #hasElements = false

  constructor(client: Client) {
    this.#client = client
  }

  get isGone(): boolean {
    return this.#client.isGone
  }

  get hasBegun(): boolean {
    return this.#client.hasBegun
  }

  readBody(maxBytes: number): Promise<Buffer> {
    return this.#client.readBody(maxBytes)
  }

  head(status: number, headers: readonly string[]): void {
    const place = headers.findIndex((name, index) => index % 2 === 0 && name === 'content-type')
    if (headers[place + 1]?.startsWith('text/event-stream') !== true) return this.#client.head(status, headers)
    this.#scanner = new SseScanner()
    this.#client.head(status, headers.with(place + 1, 'application/json; charset=utf-8'))
  }

  write(bytes: Buffer): boolean {
    const elements = this.#elementsOf(bytes)
    return elements.length === 0 || this.#client.write(elements)
  }

  drained(then: () => void): void {
    this.#client.drained(then)
  }

  /** Whatever the last element says, the array is closed: an error is an element like any other, as Google tells it. */
  end(lastBytes?: Buffer): void {
    if (!this.#scanner) return this.#client.end(lastBytes)
    const elements = lastBytes ? this.#elementsOf(lastBytes) : Buffer.alloc(0)
    this.#client.end(Buffer.concat([elements, Buffer.from(this.#hasElements ? ']' : '[]')]))
  }

  breakOff(): void {
    this.#client.breakOff()
  }

  gone(then: () => void): void {
    this.#client.gone(then)
  }

  stopped(then: (problem: GatewayError) => void): void {
    this.#client.stopped(then)
  }

  #elementsOf(bytes: Buffer): Buffer {
    if (!this.#scanner) return bytes
    const pieces: Buffer[] = []
    for (const frame of this.#scanner.push(bytes)) {
      if (!frame.hasData) continue
      pieces.push(this.#hasElements ? between : opening, frame.data)
      this.#hasElements = true
    }
    return Buffer.concat(pieces)
  }
}

const opening = Buffer.from('[')
const between = Buffer.from(',\r\n')
