import type { Clock } from '../canonical/clock.ts'
import { failureOf, ours } from './failure.ts'
import type { UpstreamCall, UpstreamExchange, UpstreamFailure, UpstreamHandler } from './provider.ts'

/** What is known of a connection; shared by the exchanges it carries, one after another. */
export interface Line {
  servedExchanges: number
  /**
   * The first error on the socket (a reset, say), as opposed to an orderly end. undici tells the last one: after an alert of
   * TLS that is only that the other side closed.
   */
  problem: Error | undefined
}

/** The part of undici's controller of one dispatch that we use. */
interface Controller {
  abort(reason: Error): void
  pause(): void
  resume(): void
}

type Headers = Readonly<Record<string, string | string[] | undefined>>

interface DispatchOptions {
  method: UpstreamCall['method']
  path: string
  headers: string[]
  body: Buffer | null
}

/**
 * One call on its way: undici's callbacks on one side (`on...`), an `UpstreamHandler` on the other. It sees to it that the
 * handler hears exactly one of `end` and `failure`, last, never before `send` has returned, and nothing after `abort`.
 *
 * If a callback of the handler throws, that is a bug of ours: the connection is broken, the handler is told `failure`, so
 * that whatever it holds is released, and the thrown thing goes to `onBug`.
 */
export class Exchange implements UpstreamExchange {
  /** Set by the client that takes the call, before undici's first callback. */
  line: Line | undefined
  readonly #handler: UpstreamHandler
  readonly #bodyBytes: number
  readonly #clock: Clock
  readonly #onBug: (thrown: unknown) => void
  #controller: Controller | undefined
  #release: (() => void) | undefined
  #isStarting = false
  #isOver = false
  #isPaused = false
  #isReused = false
  #hasAnswerBegun = false
  #hasHead = false
  #declaresLength = false
  #sentAtMs = 0

  constructor(handler: UpstreamHandler, bodyBytes: number, clock: Clock, onBug: (thrown: unknown) => void) {
    this.#handler = handler
    this.#bodyBytes = bodyBytes
    this.#clock = clock
    this.#onBug = onBug
  }

  /** @param release called once, when undici has let go of the call. */
  start(dispatch: (options: DispatchOptions) => void, call: UpstreamCall, release: () => void): void {
    this.#release = release
    this.#isStarting = true
    const body = call.body.length > 0 ? call.body : null
    dispatch({ method: call.method, path: call.path, headers: [...call.headers], body })
    this.#isStarting = false
  }

  /** The call is not sent at all. */
  refuse(message: string): void {
    queueMicrotask(() => this.#fail(ours(message)))
  }

  pause(): void {
    this.#isPaused = true
    this.#controller?.pause()
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    // undici's parser must not be resumed from inside another connection's callback, so not on this very stack.
    queueMicrotask(() => {
      if (!this.#isPaused && !this.#isOver) this.#controller?.resume()
    })
  }

  abort(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#break()
  }

  /** A connection is there, and the call is written to it when this returns. */
  onRequestStart(controller: Controller): void {
    // Aborted while it waited for a connection: nothing of it is sent.
    if (this.#isOver) return controller.abort(new Error('aborted'))
    this.#controller = controller
    this.#sentAtMs = this.#clock.monotonicMs()
    if (!this.line) return
    this.#isReused = this.line.servedExchanges > 0
    this.line.servedExchanges += 1
  }

  onResponseStarted(): void {
    this.#hasAnswerBegun = true
  }

  onResponseStart(controller: Controller, status: number, headers: Headers): void {
    // Informational answers (103 and such) say nothing that a gateway acts on.
    if (this.#isOver || status < 200) return
    this.#hasHead = true
    this.#declaresLength = Object.hasOwn(headers, 'content-length')
    const encoding = readHeader(headers, 'content-encoding')
    // We ask for identity; decoding what came all the same would open the door to bombs (failures.md N2).
    if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
      this.#fail({
        class: 'partial',
        kind: 'upstream_invalid',
        message: 'the answer has a content-encoding; none was asked for',
      })
      return this.#break()
    }
    if (this.#isPaused) controller.pause()
    try {
      this.#handler.head(status, (name) => readHeader(headers, name))
    } catch (thrown) {
      this.#stopForBug(thrown)
    }
  }

  onResponseData(_controller: Controller, bytes: Buffer): void {
    if (this.#isOver) return
    try {
      this.#handler.chunk(bytes)
    } catch (thrown) {
      this.#stopForBug(thrown)
    }
  }

  onResponseEnd(): void {
    this.#letGo()
    if (this.#isOver) return
    // Where the end of the connection is the end of the body, undici takes a reset for an end. It is none (failures.md S1).
    if (this.line?.problem)
      return this.#fail({ class: 'partial', kind: 'upstream_cut', message: 'the connection broke mid-answer' })
    this.#isOver = true
    try {
      this.#handler.end()
    } catch (thrown) {
      this.#onBug(thrown)
    }
  }

  onResponseError(_controller: Controller | null, error: Error): void {
    this.#letGo()
    if (this.#isOver) return
    const wasHandedOver = this.#controller !== undefined
    const failure = failureOf((wasHandedOver && this.line?.problem) || error, {
      wasHandedOver,
      isReused: this.#isReused,
      hasAnswerBegun: this.#hasAnswerBegun,
      hasHead: this.#hasHead,
      declaresLength: this.#declaresLength,
      sentForMs: this.#clock.monotonicMs() - this.#sentAtMs,
      bodyBytes: this.#bodyBytes,
    })
    if (this.#isStarting) queueMicrotask(() => this.#fail(failure))
    else this.#fail(failure)
  }

  #stopForBug(thrown: unknown): void {
    this.#fail({ class: 'partial', kind: 'upstream_cut', message: 'the gateway broke while it read the answer' })
    this.#break()
    this.#onBug(thrown)
  }

  #fail(failure: UpstreamFailure): void {
    if (this.#isOver) return
    this.#isOver = true
    try {
      this.#handler.failure(failure)
    } catch (thrown) {
      this.#onBug(thrown)
    }
  }

  #break(): void {
    this.#controller?.abort(new Error('aborted'))
  }

  #letGo(): void {
    this.#release?.()
    this.#release = undefined
  }
}

/** Repeated headers are joined as HTTP says. Names like `constructor` are not found on the prototype. */
function readHeader(headers: Headers, name: string): string | undefined {
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined
  return Array.isArray(value) ? value.join(', ') : value
}
