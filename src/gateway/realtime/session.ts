import type { Duplex } from 'node:stream'
import type { Clock, Timer } from '../../canonical/clock.ts'
import { GatewayError } from '../../canonical/error.ts'
import { readRealtimeEvent, sessionModelIn } from '../../dialects/realtime-events.ts'
import { closeCodes, closeFrame, SocketReader, textFrame, type SocketMessage } from '../../wire/websocket.ts'
import type { Slices } from './ledger-slices.ts'

export interface SessionParts {
  readonly client: Duplex
  readonly provider: Duplex
  readonly slices: Slices
  readonly clock: Clock
  /** The model's name there: a session stays with it. */
  readonly modelName: string
  /** The client's name for it. */
  readonly askedModelName: string
  /** Counts what was sent to the client. */
  readonly sent: (bytes: number) => void
}

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
  readonly #fromClient = new SocketReader(true)
  readonly #fromProvider = new SocketReader(false)
  #responses = 0
  #isEnlarging = false
  #isOver = false
  #isClosing = false
  #grace: Timer | undefined

  constructor(parts: SessionParts) {
    const { promise, resolve } = Promise.withResolvers<GatewayError | undefined>()
    this.over = promise
    this.#resolve = resolve
    this.#parts = parts
    const { client, provider } = parts
    this.#listen(client, this.#fromClient, provider, (message) => this.#hearClient(message))
    this.#listen(provider, this.#fromProvider, client, (message) => this.#hearProvider(message))
    client.on('close', () => this.#end(this.#isClosing ? 'ok' : 'aborted', undefined))
    provider.on('close', () =>
      this.#isClosing ? this.#end('ok', undefined) : this.#end('truncated', new GatewayError('upstream_cut')),
    )
  }

  cut(problem: GatewayError): void {
    if (this.#isOver) return
    const { client } = this.#parts
    const isDraining = problem.kind === 'draining'
    const told = JSON.stringify({
      type: 'error',
      error: { type: problem.kind, code: problem.kind, message: problem.message },
    })
    if (client.writable) {
      client.write(textFrame(told))
      client.write(closeFrame(isDraining ? closeCodes.goingAway : codeOf(problem), problem.message))
    }
    this.#end('truncated', problem)
  }

  #listen(from: Duplex, reader: SocketReader, to: Duplex, hear: (message: SocketMessage) => boolean): void {
    from.on('error', () => from.destroy())
    from.on('data', (bytes: Buffer) => {
      if (this.#isOver) return
      try {
        for (const message of reader.take(bytes)) {
          if (!hear(message)) return
          if (to === this.#parts.client) this.#parts.sent(message.raw.length)
          // Whoever reads slowly holds up the other side, not our memory.
          if (!to.write(message.raw)) {
            from.pause()
            to.once('drain', () => from.resume())
          }
          if (message.kind === 'close') return this.#close()
        }
      } catch (thrown) {
        if (!(thrown instanceof GatewayError)) throw thrown
        this.cut(thrown)
      }
    })
  }

  /** One side has said goodbye, and the other is to answer it (RFC 6455, 7.1.2). */
  #close(): void {
    if (this.#isClosing) return this.#end('ok', undefined)
    this.#isClosing = true
    this.#grace = this.#parts.clock.after(goodbyeMs, () => this.#end('ok', undefined))
  }

  #hearClient({ kind, payload }: SocketMessage): boolean {
    const model = kind === 'text' ? sessionModelIn(payload.toString('utf8')) : undefined
    const { modelName, askedModelName } = this.#parts
    if (model === undefined || model === modelName || model === askedModelName) return true
    this.cut(new GatewayError('unsupported', `a session stays with its model: open another one for "${model}"`))
    return false
  }

  #hearProvider({ kind, payload }: SocketMessage): boolean {
    const meaning = kind === 'text' ? readRealtimeEvent(payload.toString('utf8')) : undefined
    switch (meaning?.kind) {
      case 'response-begins':
        this.#responses += 1
        return true
      case 'response-ends':
        this.#responses = Math.max(0, this.#responses - 1)
        if (meaning.usage) this.#parts.slices.used(meaning.usage)
        if (this.#parts.slices.isNearlyUsed) this.#enlarge()
        return true
      case 'other':
      case undefined:
        return true
    }
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
        else this.#parts.client.resume()
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
    const { client, provider, slices } = this.#parts
    this.#grace?.cancel()
    for (const side of [client, provider]) this.#leave(side)
    // Whatever still runs there is billed, and nobody tells us how much.
    slices.settle(status, problem, this.#responses === 0)
    this.#resolve(problem)
  }
}

/** How long the other side may take to say goodbye, and to close its connection after that. */
export const goodbyeMs = 2_000

function codeOf({ kind }: GatewayError): number {
  switch (kind) {
    case 'invalid_request':
      return closeCodes.protocol
    case 'internal':
      return closeCodes.internal
    default:
      return closeCodes.policy
  }
}
