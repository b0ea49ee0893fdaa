import type { Socket } from 'node:net'
import type { Clock } from '../../canonical/clock.ts'
import { Http1Connection } from './connection.ts'

/** Whoever wants a connection for one exchange. It hears exactly one of the three, and none after it is over. */
export interface Wanting {
  /** It does not want one any more. */
  readonly isOver: boolean
  /** The connection is its own from now on. */
  take(connection: Http1Connection): void
  /** No connection came to be. */
  miss(problem: Error): void
}

export interface ConnectionPoolParts {
  readonly clock: Clock
  readonly maxConnections: number
  /** Opens one connection. `then` hears once, and not before this has returned. */
  readonly open: (then: (problem: Error | null, socket?: Socket) => void) => void
}

export const connectionTimes = {
  /** Long enough to stay warm between calls, short of the 60 s after which common load balancers drop idle connections. */
  idleMs: 55_000,
  /** What the provider says that it keeps a connection is cut by this: its time began before ours. */
  hintMarginMs: 2_000,
  /** From then on an idle connection is looked at once more before it carries a call. */
  restedMs: 1_000,
  /** How often connections that nobody asks for are looked at. One that is too old is never used, whenever that is. */
  sweepMs: 5_000,
} as const

/** The connections to one origin: the one that was used last is used next, no more than so many, and callers in their order. */
export class ConnectionPool {
  readonly #parts: ConnectionPoolParts
  /** The one that was used last is the last. */
  readonly #idle: IdleConnection[] = []
  /** Wants that no connection has been found for. */
  readonly #waiting: Wanting[] = []
  /** Wants that have a connection, once this turn is over. */
  #leaving: Leaving[] = []
  /** Those, and those that leave a turn later. */
  #leavingCount = 0
  #connections = 0
  #opening = 0
  /** Connections of their own, for those who must not reuse one, and being opened. */
  #singles = 0
  #isSweeping = false
  #closed: PromiseWithResolvers<void> | undefined

  constructor(parts: ConnectionPoolParts) {
    this.#parts = parts
  }

  want(wanting: Wanting): void {
    const idle = this.#takeIdle()
    if (idle) return this.#wake(idle, wanting)
    this.#waiting.push(wanting)
    this.#openForWaiting()
  }

  /** It is over before it has a connection. One that is being opened for it is kept for the next. */
  unwant(wanting: Wanting): void {
    const place = this.#waiting.indexOf(wanting)
    if (place >= 0) this.#waiting.splice(place, 1)
  }

  /** A connection that has carried nothing, and is closed after it. It counts for no limit here. */
  wantAnew(wanting: Wanting): void {
    this.#singles += 1
    const gone = (): void => {
      this.#singles -= 1
      this.#closeWhenEmpty()
    }
    this.#parts.open((problem, socket) => {
      if (wanting.isOver || !isUsable(socket)) {
        socket?.destroy()
        gone()
        if (!wanting.isOver) wanting.miss(problem ?? lostProblem(socket))
        return
      }
      wanting.take(new Http1Connection(socket, { freed: (connection) => connection.break(), gone }))
    })
  }

  /** Closes what is idle; resolves when what runs or waits has ended too. */
  close(): Promise<void> {
    this.#closed ??= Promise.withResolvers()
    for (const { connection } of this.#idle.splice(0)) connection.break()
    this.#closeWhenEmpty()
    return this.#closed.promise
  }

  #openForWaiting(): void {
    while (this.#opening < this.#waiting.length && this.#connections + this.#opening < this.#parts.maxConnections) {
      this.#opening += 1
      this.#parts.open((problem, socket) => this.#opened(problem, socket))
    }
  }

  #opened(problem: Error | null, socket: Socket | undefined): void {
    this.#opening -= 1
    if (isUsable(socket)) {
      this.#connections += 1
      this.#serve(
        new Http1Connection(socket, {
          freed: (connection) => this.#serve(connection),
          gone: (connection) => this.#forget(connection),
        }),
      )
    } else {
      this.#waiting.shift()?.miss(problem ?? lostProblem(socket))
      this.#openForWaiting()
    }
    this.#closeWhenEmpty()
  }

  /** The connection is free: who has waited longest has it. */
  #serve(connection: Http1Connection): void {
    const next = connection.exchanges === 0 ? this.#waiting.shift() : undefined
    if (next) return next.take(connection)
    const keptForMs = Math.min(
      connectionTimes.idleMs,
      (connection.keptForMs ?? Infinity) - connectionTimes.hintMarginMs,
    )
    const sinceMs = this.#parts.clock.monotonicMs()
    this.#pass({ connection, sinceMs, untilMs: sinceMs + keptForMs })
  }

  /** To whoever waits, or back to the others at rest: a wish that was given up makes it no younger. */
  #pass(idle: IdleConnection): void {
    const next = this.#waiting.shift()
    if (next) return this.#leaveWith(idle, next, false)
    if (this.#closed || idle.untilMs <= this.#parts.clock.monotonicMs()) return idle.connection.break()
    this.#idle.push(idle)
    this.#sweepLater()
  }

  /**
   * A connection that was in use before carries its next call at the end of this turn, when all that Node was told to have come is
   * looked at. Bytes that nobody asked for must not become the answer to that call, and an end must not make it fail: then
   * another connection is found for it, since nothing of it has left.
   */
  #leaveWith(idle: IdleConnection, wanting: Wanting, hasRested: boolean): void {
    this.#leavingCount += 1
    if (hasRested) setImmediate(() => this.#leaveAtEnd({ idle, wanting }))
    else this.#leaveAtEnd({ idle, wanting })
  }

  /**
   * Most calls begin in the midst of a turn, and what has come to the system since it began Node will be told in the next. One that has
   * rested for a while, whose provider may have given up on it, is looked at there too. For each call it would cost a quarter of its CPU.
   */
  #wake(idle: IdleConnection, wanting: Wanting): void {
    this.#leaveWith(idle, wanting, this.#parts.clock.monotonicMs() - idle.sinceMs >= connectionTimes.restedMs)
  }

  #leaveAtEnd(one: Leaving): void {
    if (this.#leaving.length === 0) setImmediate(() => this.#leave())
    this.#leaving.push(one)
  }

  #leave(): void {
    const leaving = this.#leaving
    this.#leaving = []
    const lost: Wanting[] = []
    for (const { idle, wanting } of leaving) {
      if (!idle.connection.isGone && !wanting.isOver) wanting.take(idle.connection)
      else if (!idle.connection.isGone) this.#pass(idle)
      else if (!wanting.isOver) lost.push(wanting)
    }
    this.#waiting.unshift(...lost)
    this.#leavingCount -= leaving.length
    this.#serveWaiting()
    this.#closeWhenEmpty()
  }

  /** Those whose connection was lost before they left. */
  #serveWaiting(): void {
    while (this.#waiting.length > 0) {
      const idle = this.#takeIdle()
      if (!idle) return this.#openForWaiting()
      const next = this.#waiting.shift()
      if (next) this.#wake(idle, next)
    }
  }

  #takeIdle(): IdleConnection | undefined {
    const nowMs = this.#parts.clock.monotonicMs()
    for (let last = this.#idle.pop(); last; last = this.#idle.pop()) {
      if (nowMs < last.untilMs) return last
      last.connection.break()
    }
    return undefined
  }

  #forget(connection: Http1Connection): void {
    this.#connections -= 1
    const place = this.#idle.findIndex((idle) => idle.connection === connection)
    if (place >= 0) this.#idle.splice(place, 1)
    this.#openForWaiting()
    this.#closeWhenEmpty()
  }

  #sweepLater(): void {
    if (this.#isSweeping) return
    this.#isSweeping = true
    this.#parts.clock.after(connectionTimes.sweepMs, () => {
      this.#isSweeping = false
      const nowMs = this.#parts.clock.monotonicMs()
      for (const { connection } of this.#idle.filter(({ untilMs }) => untilMs <= nowMs)) connection.break()
      if (this.#idle.length > 0) this.#sweepLater()
    })
  }

  #closeWhenEmpty(): void {
    if (this.#connections + this.#opening + this.#singles + this.#leavingCount === 0) this.#closed?.resolve()
  }
}

interface IdleConnection {
  readonly connection: Http1Connection
  /** On the clock that only goes forward. */
  readonly sinceMs: number
  readonly untilMs: number
}

interface Leaving {
  readonly idle: IdleConnection
  readonly wanting: Wanting
}

/** A connection can be lost between its making and its use. */
function isUsable(socket: Socket | undefined): socket is Socket {
  return socket !== undefined && !socket.destroyed && socket.readable
}

function lostProblem(socket: Socket | undefined): Error {
  return socket?.errored ?? Object.assign(new Error('lost'), { code: 'ECONNRESET' })
}
