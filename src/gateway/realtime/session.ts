import { randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import type { Clock, Timer } from '../../canonical/clock.ts'
import { GatewayError } from '../../canonical/error.ts'
import type { SessionWords } from '../../dialects/session-words.ts'
import {
  closeCodes,
  closeFrame,
  dataFrame,
  maskedTextFrame,
  SocketReader,
  textFrame,
  type SocketMessage,
} from '../../wire/websocket.ts'
import type { SessionGuard } from './guard-session.ts'
import type { Slices } from './ledger-slices.ts'

export interface SessionParts {
  readonly client: Duplex
  /** How long the client may take nothing of what waits for it, before it is cut off. */
  readonly clientIdleMs: number
  readonly provider: Duplex
  readonly slices: Slices
  readonly clock: Clock
  readonly words: SessionWords
  /** Reads what the client says; its frames may have been read up to here. */
  readonly fromClient: SocketReader
  /** What the client has said already, and is still to be sent on. */
  readonly said: readonly SocketMessage[]
  /** The provider keeps the session under this name. */
  readonly keptAs: (name: string) => void
  /** Counts what was sent to the client. */
  readonly sent: (bytes: number) => void
  /** `undefined`: no guardrail looks at the session. */
  readonly guard: SessionGuard | undefined
}

/** The frames in which a message is sent on. It throws where the session must end instead. */
type Allowed = (message: SocketMessage) => readonly Buffer[]

export interface Session {
  /** Ends it from our side, telling the client why. */
  cut(problem: GatewayError): void
  /** Resolves when it is over and settled, with what ended it, if that was a problem. */
  readonly over: Promise<GatewayError | undefined>
}

/**
 * Carries messages both ways as they come, whole: one that would change the model is not sent on, what responses use is counted,
 * and none begins that no budget has room for.
 */
export function openSession(parts: SessionParts): Session {
  return new RealtimeSession(parts)
}

class RealtimeSession implements Session {
  readonly over: Promise<GatewayError | undefined>
  readonly #parts: SessionParts
  readonly #resolve: (problem: GatewayError | undefined) => void
  readonly #fromProvider = new SocketReader(false)
  /** In which kind of message its client hears the provider. */
  #heardIn: 'text' | 'binary' = 'text'
  #isEnlarging = false
  #isOver = false
  #isClosing = false
  #grace: Timer | undefined
  /** Runs while something waits for the client. */
  #reader: Timer | undefined

  constructor(parts: SessionParts) {
    const { promise, resolve } = Promise.withResolvers<GatewayError | undefined>()
    this.over = promise
    this.#resolve = resolve
    this.#parts = parts
    const { client, provider, fromClient, said } = parts
    const toProvider = (message: SocketMessage) => this.#fromClientAsAllowed(message)
    this.#attempt(() => this.#pass(client, provider, said, toProvider))
    this.#listen(client, fromClient, provider, toProvider)
    this.#listen(provider, this.#fromProvider, client, (message) => this.#fromProviderAsAllowed(message))
    client.on('close', () => this.#end(this.#isClosing ? 'ok' : 'aborted', undefined))
    provider.on('close', () => {
      this.#tellRest()
      if (this.#isClosing) this.#end('ok', undefined)
      else this.#end('truncated', new GatewayError('upstream_cut'))
    })
  }

  cut(problem: GatewayError): void {
    // What is blocked is in what is held back.
    if (problem.kind !== 'guardrail_blocked') this.#tellRest()
    if (this.#isOver) return
    const { client, words } = this.#parts
    const told = words.problemEvent(problem)
    if (client.writable) {
      if (told !== undefined) client.write(textFrame(told))
      client.write(closeFrame(closeCodeOf(problem), problem.message))
    }
    this.#end('truncated', problem)
  }

  #listen(from: Duplex, reader: SocketReader, to: Duplex, allowed: Allowed): void {
    from.on('error', () => from.destroy())
    from.on('data', (bytes: Buffer) => {
      if (!this.#isOver) this.#attempt(() => this.#pass(from, to, reader.take(bytes), allowed))
    })
    to.on('drain', () => {
      if (to === this.#parts.client) this.#endWait()
      this.#hearAgain(from, to)
    })
  }

  #pass(from: Duplex, to: Duplex, messages: readonly SocketMessage[], allowed: Allowed): void {
    for (const message of messages) {
      for (const bytes of allowed(message)) {
        if (to === this.#parts.client) this.#parts.sent(bytes.length)
        // Whoever reads slowly holds up the other side, not our memory.
        if (to.write(bytes)) continue
        from.pause()
        if (to === this.#parts.client) this.#watchReader()
      }
      if (message.kind === 'close') return this.#close()
    }
  }

  /** Where nothing else holds it up. */
  #hearAgain(from: Duplex, to: Duplex): void {
    const isHeldUp = to.writableNeedDrain || (from === this.#parts.client && this.#isEnlarging)
    if (!isHeldUp) from.resume()
  }

  /** A client that takes nothing holds its provider up, and a place in the gateway that others need. */
  #watchReader(): void {
    const { client, clock, clientIdleMs } = this.#parts
    this.#reader ??= clock.after(clientIdleMs, () => client.destroy())
  }

  #endWait(): void {
    this.#reader?.cancel()
    this.#reader = undefined
  }

  #fromClientAsAllowed({ kind, payload, raw }: SocketMessage): readonly Buffer[] {
    if (!isSaid(kind)) return [raw]
    const { words, guard } = this.#parts
    const text = payload.toString('utf8')
    const worded = words.worded(text)
    const told = guard ? guard.said(worded) : worded
    return told === text ? [raw] : [maskedTextFrame(told, randomBytes(4))]
  }

  #fromProviderAsAllowed({ kind, payload, raw }: SocketMessage): readonly Buffer[] {
    if (kind === 'close') return [...this.#rest(), raw]
    if (!isSaid(kind)) return [raw]
    const text = payload.toString('utf8')
    this.#hear(text)
    const { guard } = this.#parts
    if (!guard) return [raw]
    this.#heardIn = kind
    const told = guard.heard(text)
    if (told.length === 1 && told[0] === text) return [raw]
    return told.map((one) => dataFrame(kind, one))
  }

  /** What the guardrails still hold back of what the provider said. */
  #rest(): readonly Buffer[] {
    return this.#parts.guard?.heardAll().map((one) => dataFrame(this.#heardIn, one)) ?? []
  }

  /** The provider is heard no more. */
  #tellRest(): void {
    const { client, sent } = this.#parts
    if (this.#isOver || !client.writable) return
    this.#attempt(() => {
      for (const bytes of this.#rest()) {
        sent(bytes.length)
        client.write(bytes)
      }
    })
  }

  /** Ends the session where it throws. */
  #attempt(act: () => void): void {
    try {
      act()
    } catch (thrown) {
      if (!(thrown instanceof GatewayError)) throw thrown
      this.cut(thrown)
    }
  }

  /** One side has said goodbye, and the other is to answer it (RFC 6455, 7.1.2). */
  #close(): void {
    if (this.#isClosing) return this.#end('ok', undefined)
    this.#isClosing = true
    this.#grace = this.#parts.clock.after(goodbyeMs, () => this.#end('ok', undefined))
  }

  #hear(text: string): void {
    const { words, slices, keptAs } = this.#parts
    const { usage, keptAs: name } = words.hear(text)
    if (name !== undefined) keptAs(name)
    if (!usage) return
    slices.used(usage)
    if (slices.isNearlyUsed) this.#enlarge()
  }

  /** Nothing of the client's is sent on until there is room for it. */
  #enlarge(): void {
    if (this.#isEnlarging) return
    this.#isEnlarging = true
    this.#parts.client.pause()
    this.#parts.slices.enlarge().then(
      () => {
        this.#isEnlarging = false
        if (this.#parts.slices.isNearlyUsed) this.#enlarge()
        else this.#hearAgain(this.#parts.client, this.#parts.provider)
      },
      (thrown: unknown) =>
        this.cut(thrown instanceof GatewayError ? thrown : new GatewayError('internal', undefined, { cause: thrown })),
    )
  }

  /** What was written still goes out; a side that does not close then is cut off. */
  #leave(side: Duplex): void {
    side.end()
    // Nobody reads any more, and what is not read keeps the connection open.
    side.resume()
    const timer = this.#parts.clock.after(goodbyeMs, () => side.destroy())
    side.once('close', () => timer.cancel())
  }

  #end(status: 'ok' | 'truncated' | 'aborted', problem: GatewayError | undefined): void {
    if (this.#isOver) return
    this.#isOver = true
    const { client, provider, slices, words } = this.#parts
    this.#grace?.cancel()
    this.#endWait()
    for (const side of [client, provider]) this.#leave(side)
    // Whatever still runs there is billed, and nobody tells us how much.
    slices.settle(status, problem, words.isAllTold)
    this.#resolve(problem)
  }
}

/** How long the other side may take to say goodbye, and to close its connection after that. */
export const goodbyeMs = 2_000

/** Google's sessions speak JSON in binary messages as well. */
function isSaid(kind: SocketMessage['kind']): kind is 'text' | 'binary' {
  return kind === 'text' || kind === 'binary'
}

/** With which a session is closed for a problem. */
export function closeCodeOf({ kind }: GatewayError): number {
  switch (kind) {
    case 'draining':
      return closeCodes.goingAway
    case 'invalid_request':
      return closeCodes.protocol
    case 'internal':
      return closeCodes.internal
    default:
      return closeCodes.policy
  }
}
