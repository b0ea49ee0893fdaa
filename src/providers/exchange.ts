import type { Clock } from '../canonical/clock.ts'
import { failureOf, failureToConnect, ours } from './failure.ts'
import type { AnswerHead } from './http1/answer-head.ts'
import type { Break, Carried, Http1Connection } from './http1/connection.ts'
import type { Wanting } from './http1/connection-pool.ts'
import type { WordedCall } from './http1/write-call.ts'
import type { UpstreamExchange, UpstreamFailure, UpstreamHandler } from './provider.ts'

/** What exchanges of one upstream share. */
export interface ExchangeParts {
  readonly clock: Clock
  readonly onBug: (thrown: unknown) => void
}

/**
 * One call on its way: its connection on one side, an `UpstreamHandler` on the other. It sees to it that the handler hears exactly one
 * of `end` and `failure`, last, and nothing after `abort`.
 *
 * If a callback of the handler throws, that is a bug of ours: the connection is broken, the handler is told `failure`, so
 * that whatever it holds is released, and the thrown thing goes to `onBug`.
 */
export class Exchange implements UpstreamExchange, Wanting, Carried {
  #handler: UpstreamHandler
  /** `undefined`: it is over, and keeps nothing of it. */
  #call: WordedCall | undefined
  readonly #parts: ExchangeParts
  readonly #onOver: (exchange: Exchange) => void
  /** `undefined`: it waits for one. */
  #connection: Http1Connection | undefined
  #isOver = false
  #isPaused = false
  #hasHead = false
  #sentAtMs = 0

  /** @param onOver called once, when the exchange is over and its connection is free or closed. */
  constructor(handler: UpstreamHandler, call: WordedCall, parts: ExchangeParts, onOver: (exchange: Exchange) => void) {
    this.#handler = handler
    this.#call = call
    this.#parts = parts
    this.#onOver = onOver
  }

  get isOver(): boolean {
    return this.#isOver
  }

  pause(): void {
    this.#isPaused = true
    // The head is told all the same: it says whether anything is to be read at all.
    if (this.#hasHead && !this.#isOver) this.#connection?.pause()
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    if (this.#hasHead && !this.#isOver) this.#connection?.resume()
  }

  abort(): void {
    if (this.#isOver) return
    this.#close()
  }

  take(connection: Http1Connection): void {
    if (!this.#call) throw new Error('an exchange that is over took a connection')
    this.#connection = connection
    this.#sentAtMs = this.#parts.clock.monotonicMs()
    connection.carry(this.#call, this)
  }

  miss(problem: Error): void {
    this.#fail(failureToConnect(problem))
  }

  head({ status, header }: AnswerHead): void {
    this.#hasHead = true
    const encoding = header('content-encoding')
    // We ask for identity; decoding what came all the same would open the door to bombs (failures.md N2).
    if (encoding !== undefined && encoding.toLowerCase() !== 'identity')
      return this.#fail({
        class: 'partial',
        kind: 'upstream_invalid',
        message: 'the answer has a content-encoding; none was asked for',
      })
    if (this.#isPaused) this.#connection?.pause()
    try {
      this.#handler.head(status, header)
    } catch (thrown) {
      this.#stopForBug(thrown)
    }
  }

  body(bytes: Buffer): void {
    try {
      this.#handler.chunk(bytes)
    } catch (thrown) {
      this.#stopForBug(thrown)
    }
  }

  end(): void {
    const handler = this.#letGo()
    this.#onOver(this)
    try {
      handler.end()
    } catch (thrown) {
      this.#parts.onBug(thrown)
    }
  }

  broken(why: Break): void {
    const connection = this.#connection
    this.#fail(
      failureOf(why, {
        isReused: (connection?.exchanges ?? 0) > 1,
        hasAnswerBegun: connection?.hasAnswerBegun === true,
        hasHead: this.#hasHead,
        declaresLength: connection?.declaresLength === true,
        sentForMs: this.#parts.clock.monotonicMs() - this.#sentAtMs,
        bodyBytes: this.#call?.body.length ?? 0,
      }),
    )
  }

  #stopForBug(thrown: unknown): void {
    this.#fail({ class: 'partial', kind: 'upstream_cut', message: 'the gateway broke while it read the answer' })
    this.#parts.onBug(thrown)
  }

  #fail(failure: UpstreamFailure): void {
    if (this.#isOver) return
    const handler = this.#close()
    try {
      handler.failure(failure)
    } catch (thrown) {
      this.#parts.onBug(thrown)
    }
  }

  #close(): UpstreamHandler {
    const connection = this.#connection
    const handler = this.#letGo()
    connection?.break()
    this.#onOver(this)
    return handler
  }

  /** It is over. An exchange that V8 takes for one that lives long would else keep its whole call until the next full collection. */
  #letGo(): UpstreamHandler {
    const handler = this.#handler
    this.#isOver = true
    this.#handler = nobody
    this.#call = undefined
    this.#connection = undefined
    return handler
  }
}

const nobody: UpstreamHandler = {
  head: () => undefined,
  chunk: () => undefined,
  end: () => undefined,
  failure: () => undefined,
}

/** An exchange that ends before it begins: the call is not sent at all. */
export function refusedExchange(handler: UpstreamHandler, message: string, parts: ExchangeParts): UpstreamExchange {
  let isOver = false
  queueMicrotask(() => {
    if (isOver) return
    isOver = true
    try {
      handler.failure(ours(message))
    } catch (thrown) {
      parts.onBug(thrown)
    }
  })
  return { pause: () => undefined, resume: () => undefined, abort: () => void (isOver = true) }
}
