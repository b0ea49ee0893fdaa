import type { Duplex } from 'node:stream'
import { GatewayError } from '../canonical/error.ts'

type Headers = Readonly<Record<string, string | string[] | undefined>>

/** The part of undici's controller of one dispatch that we use. */
interface Controller {
  abort(reason: Error): void
}

/** undici's callbacks for a call that asks for a WebSocket: the socket, or why there is none. */
export class Upgrade {
  readonly opened: Promise<Duplex>
  readonly #resolve: (socket: Duplex) => void
  readonly #reject: (problem: unknown) => void
  readonly #accept: string
  readonly #cancelled: AbortSignal

  /** @param accept what the answer must say to our key. */
  constructor(accept: string, cancelled: AbortSignal) {
    const { promise, resolve, reject } = Promise.withResolvers<Duplex>()
    this.opened = promise
    this.#resolve = resolve
    this.#reject = reject
    this.#accept = accept
    this.#cancelled = cancelled
  }

  onRequestStart(controller: Controller): void {
    const abort = () => {
      this.#reject(this.#cancelled.reason)
      controller.abort(new Error('cancelled'))
    }
    if (this.#cancelled.aborted) return abort()
    this.#cancelled.addEventListener('abort', abort, { once: true })
    this.opened.catch(() => undefined).finally(() => this.#cancelled.removeEventListener('abort', abort))
  }

  onRequestUpgrade(_controller: Controller, status: number, headers: Headers, socket: Duplex): void {
    if (
      status === 101 &&
      headers['sec-websocket-accept'] === this.#accept &&
      headers['sec-websocket-extensions'] === undefined
    )
      return this.#resolve(socket)
    socket.destroy()
    this.#reject(new GatewayError('upstream_invalid', 'the provider answered the handshake of the session wrongly'))
  }

  onResponseStart(controller: Controller, status: number): void {
    if (status < 200) return
    this.#reject(refusalOf(status))
    controller.abort(new Error('no socket'))
  }

  onResponseData(): void {}
  onResponseEnd(): void {}

  onResponseError(_controller: Controller | null, error: Error): void {
    this.#reject(new GatewayError('upstream_unavailable', 'the provider could not be reached', { cause: error }))
  }
}

/** Its body may quote our key, and is not read. */
function refusalOf(status: number): GatewayError {
  const sentence = `the provider refused the session with status ${status}`
  if (status === 401 || status === 403) return new GatewayError('upstream_credential')
  if (status === 429) return new GatewayError('upstream_rate_limited')
  return status >= 500
    ? new GatewayError('upstream_overloaded', sentence)
    : new GatewayError('upstream_rejected', sentence)
}
