import { STATUS_CODES, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { GatewayError } from '../canonical/error.ts'
import { keepHearing } from '../gateway/realtime/keep-hearing.ts'
import type { SocketClient } from '../gateway/realtime/realtime-exchange.ts'

/** The client's side of a request for a WebSocket: one plain answer, or a handshake. */
export class UpgradeClient implements SocketClient {
  readonly idleMs: number
  readonly #incoming: IncomingMessage
  readonly #socket: Duplex
  /** Hands what the client has said so far to whoever listens next. */
  readonly #handOver: () => void
  readonly #onGone: (() => void)[] = []
  readonly #onStop: ((problem: GatewayError) => void)[] = []
  readonly #onOver: (() => void)[] = []
  #hasBegun = false
  #isGone = false
  #stopped: GatewayError | undefined

  /** @param rest what came with the request already. */
  constructor(incoming: IncomingMessage, socket: Duplex, rest: Buffer, idleMs: number) {
    this.idleMs = idleMs
    this.#incoming = incoming
    this.#socket = socket
    // Node's HTTP keeps its sockets open when the client has ended its side. A client that has is one that has left.
    socket.allowHalfOpen = false
    this.#handOver = keepHearing(socket, rest)
    // What breaks on the client's connection is told by `close`; without a listener the error would end the process.
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      this.#isGone = true
      for (const then of this.#onGone) then()
      for (const then of this.#onOver) then()
    })
  }

  get isGone(): boolean {
    return this.#isGone
  }

  get hasBegun(): boolean {
    return this.#hasBegun
  }

  /** @throws GatewayError `invalid_request` where the request is no handshake that is understood here. */
  check(): void {
    const { headers, method } = this.#incoming
    if (method !== 'GET' || headers['sec-websocket-version'] !== '13' || !isKey(headers['sec-websocket-key']))
      throw new GatewayError('invalid_request', 'the request asks for no WebSocket of version 13')
  }

  readBody(): Promise<Buffer> {
    return Promise.resolve(Buffer.alloc(0))
  }

  accept(answerTo: (key: string) => string): Duplex {
    const { headers } = this.#incoming
    this.#hasBegun = true
    const lines = [
      'HTTP/1.1 101 Switching Protocols',
      'upgrade: websocket',
      'connection: Upgrade',
      `sec-websocket-accept: ${answerTo(headers['sec-websocket-key'] ?? '')}`,
    ]
    // Browsers break off where none of the protocols that they name is taken up.
    if (offers(headers['sec-websocket-protocol'], 'realtime')) lines.push('sec-websocket-protocol: realtime')
    this.#socket.write(`${lines.join('\r\n')}\r\n\r\n`)
    this.#handOver()
    return this.#socket
  }

  head(status: number, headers: readonly string[]): void {
    this.#hasBegun = true
    const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, 'connection: close']
    for (let place = 0; place < headers.length; place += 2) lines.push(`${headers[place]}: ${headers[place + 1]}`)
    this.#socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  }

  write(bytes: Buffer): boolean {
    return this.#socket.write(bytes)
  }

  drained(then: () => void): void {
    this.#socket.once('drain', then)
  }

  end(lastBytes?: Buffer): void {
    this.#socket.end(lastBytes, () => this.#socket.destroy())
  }

  breakOff(): void {
    this.#socket.destroy()
  }

  gone(then: () => void): void {
    if (this.#isGone) then()
    else this.#onGone.push(then)
  }

  stopped(then: (problem: GatewayError) => void): void {
    if (this.#stopped) then(this.#stopped)
    else this.#onStop.push(then)
  }

  stop(problem: GatewayError): void {
    this.#stopped = problem
    for (const then of this.#onStop) then(problem)
  }

  /** Calls back once when the connection has ended. */
  over(then: () => void): void {
    this.#onOver.push(then)
  }
}

/** 16 bytes in base64 (RFC 6455, 4.1). */
function isKey(key: string | undefined): key is string {
  return key !== undefined && /^[A-Za-z0-9+/]{22}==$/.test(key)
}

function offers(protocols: string | undefined, name: string): boolean {
  return protocols?.split(',').some((one) => one.trim() === name) === true
}
