import type { IncomingMessage, ServerResponse } from 'node:http'
import { TLSSocket } from 'node:tls'
import type { Principal } from '../canonical/principal.ts'
import type { Admission, Place } from './admission.ts'
import { HttpClient, type Patience } from './http-client.ts'

/** One HTTP/1.1 request, and its place in the gateway once it has one. */
export class HttpRequest implements Place {
  readonly id: string
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly client: HttpClient
  readonly path: string
  /** What stands after the `?`; empty: nothing. */
  readonly query: string
  #place: Place | undefined

  constructor(id: string, incoming: IncomingMessage, outgoing: ServerResponse, patience: Patience) {
    this.id = id
    this.incoming = incoming
    this.outgoing = outgoing
    this.client = new HttpClient(incoming, outgoing, patience, this)
    const url = incoming.url ?? '/'
    const mark = url.indexOf('?')
    this.path = mark < 0 ? url : url.slice(0, mark)
    this.query = mark < 0 ? '' : url.slice(mark + 1)
  }

  /** @throws GatewayError `overloaded`. */
  enter(admission: Admission): void {
    this.#place = admission.enter()
  }

  /** Whoever is refused closes its connection: it may come back to another gateway. */
  admit(principal: Principal): void {
    try {
      this.#place?.admit(principal)
    } catch (thrown) {
      this.outgoing.setHeader('connection', 'close')
      throw thrown
    }
  }

  expect(sizeBytes: number): void {
    this.#place?.expect(sizeBytes)
  }

  hold(sizeBytes: number): void {
    this.#place?.hold(sizeBytes)
  }

  leave(): void {
    this.#place?.leave()
  }

  /** As the client reached us: scheme, host and port. Behind a proxy that ends TLS, as that one says. */
  origin(): string {
    const { socket, headers } = this.incoming
    const isTls = socket instanceof TLSSocket || headers['x-forwarded-proto'] === 'https'
    return `${isTls ? 'https' : 'http'}://${headers.host ?? ''}`
  }
}
