import type { Socket } from 'node:net'
import type { AnswerHead } from './answer-head.ts'
import { AnswerReader } from './read-answer.ts'
import { writeCall, type WordedCall } from './write-call.ts'

/** Why an exchange will have no more of its answer. */
export type Break =
  /** The first error of the socket, such as a reset. */
  | { readonly kind: 'error'; readonly error: Error }
  /** The other side ended the connection in good order. */
  | { readonly kind: 'closed' }
  | { readonly kind: 'malformed'; readonly problem: string }

/** One exchange as its connection sees it. It hears exactly one of `end` and `broken`, last, and nothing after `connection.break()`. */
export interface Carried {
  head(head: AnswerHead): void
  body(bytes: Buffer): void
  end(): void
  broken(why: Break): void
}

/** Whoever has the connection. */
export interface ConnectionOwner {
  /** The connection is idle, and may carry the next exchange. */
  freed(connection: Http1Connection): void
  /** The connection is closed, or closing. Told once. */
  gone(connection: Http1Connection): void
}

/** One connection to a provider: idle, or carrying one exchange. Exchanges follow one another; none is sent behind another. */
export class Http1Connection {
  /** Exchanges that it has carried, the one under way included. */
  exchanges = 0
  /** `keep-alive: timeout` of its last answer. `undefined`: none was told. */
  keptForMs: number | undefined
  readonly #socket: Socket
  readonly #owner: ConnectionOwner
  readonly #reader = new AnswerReader()
  #carried: Carried | undefined
  #mayFollow = false
  /** The other side has ended the connection while its answer waits for `resume`. */
  #hasEnded = false
  /** It ended by this error. */
  #endedBy: Error | undefined
  /** What had come before it, and is not read. */
  #lastBytes: Buffer | undefined
  #isGone = false

  /** @param socket a connection that is ready for bytes. */
  constructor(socket: Socket, owner: ConnectionOwner) {
    this.#socket = socket
    this.#owner = owner
    // Only an exchange keeps the process alive.
    socket.unref()
    socket.on('data', (bytes: Buffer) => this.#hear(bytes))
    socket.on('end', () => this.#hearEnd())
    socket.on('error', (error) => this.#hearError(error))
    // An end has been judged, or waits for that. Without one the rest of a body is missing, even where only an end would end it.
    socket.on('close', () => void (this.#hasEnded || this.#fail({ kind: 'closed' })))
  }

  get isGone(): boolean {
    return this.#isGone
  }

  /** The length of the body was told by the answer. */
  get declaresLength(): boolean {
    return this.#reader.declaresLength
  }

  /** Something of the answer has come, be it an informational one. */
  get hasAnswerBegun(): boolean {
    return this.#reader.hasBegun
  }

  /** Sends a call. The connection must be idle. */
  carry(call: WordedCall, carried: Carried): void {
    this.exchanges += 1
    this.#carried = carried
    this.#mayFollow = call.mayFollow
    this.#reader.begin()
    this.#socket.ref()
    writeCall(this.#socket, call)
  }

  pause(): void {
    this.#reader.stop()
    this.#socket.pause()
  }

  /** What waits is told later, and not on this very stack. */
  resume(): void {
    this.#reader.goOn()
    queueMicrotask(() => this.#goOn())
  }

  /** Closes the connection at once. Its exchange hears nothing. */
  break(): void {
    this.#carried = undefined
    this.#reader.stop()
    this.#leave()
  }

  #hear(bytes: Buffer): void {
    const carried = this.#carried
    // Nobody has asked anything: what this is nobody can say, and it must not become the answer to the next call.
    if (!carried) return this.#leave()
    const read = this.#reader.read(bytes, carried)
    if (this.#carried !== carried) return
    if (this.#reader.phase === 'malformed') return this.#fail({ kind: 'malformed', problem: this.#reader.problem })
    const isWhole = this.#reader.phase === 'whole'
    if (isWhole && read < bytes.length) this.#mayFollow = false
    if (this.#reader.isStopped) {
      if (!isWhole && read < bytes.length) this.#keep(bytes.subarray(read))
      return
    }
    if (isWhole) this.#finish()
  }

  /** Until it goes on. A socket that broke takes nothing back. */
  #keep(bytes: Buffer): void {
    if (this.#endedBy) this.#lastBytes = bytes
    else this.#socket.unshift(bytes)
  }

  #goOn(): void {
    if (this.#isGone || this.#reader.isStopped) return
    const lastBytes = this.#lastBytes
    this.#lastBytes = undefined
    if (lastBytes) this.#hear(lastBytes)
    if (this.#isGone || this.#reader.isStopped) return
    if (this.#carried && this.#reader.phase === 'whole') this.#finish()
    else if (this.#hasEnded) this.#judgeEnd()
    if (!this.#isGone) this.#socket.resume()
  }

  #hearEnd(): void {
    this.#hasEnded = true
    if (!this.#reader.isStopped) this.#judgeEnd()
  }

  /** What had come before it, and waits, is read first: it may be all. */
  #hearError(error: Error): void {
    if (!this.#carried || !this.#reader.isStopped) return this.#fail({ kind: 'error', error })
    this.#hasEnded = true
    this.#endedBy = error
    const waiting: unknown = this.#socket.read()
    if (Buffer.isBuffer(waiting)) this.#lastBytes = waiting
  }

  #judgeEnd(): void {
    if (this.#endedBy) this.#fail({ kind: 'error', error: this.#endedBy })
    else if (this.#carried && this.#reader.isWholeAtEnd()) this.#finish()
    else this.#fail({ kind: 'closed' })
  }

  #finish(): void {
    const carried = this.#carried
    this.#carried = undefined
    if (this.#mayFollow && this.#reader.mayFollow && !this.#hasEnded && !this.#isGone) {
      this.keptForMs = keptForMs(this.#reader.head?.header('keep-alive'))
      // A connection at rest keeps nothing of the answer: V8 would take every head for one that lives long.
      this.#reader.head = undefined
      this.#socket.unref()
      if (this.#isSent) this.#owner.freed(this)
      // Under TLS, Node tells only at the end of a turn that a call has left, and its answer may be here by then.
      else setImmediate(() => this.#freeIfSent())
    } else this.#leave()
    carried?.end()
  }

  /** A call that has not left whole would go on in the midst of what follows it. */
  get #isSent(): boolean {
    return this.#socket.writableLength === 0
  }

  #freeIfSent(): void {
    if (this.#isGone) return
    if (this.#isSent && !this.#hasEnded) this.#owner.freed(this)
    else this.#leave()
  }

  #fail(why: Break): void {
    const carried = this.#carried
    this.#carried = undefined
    this.#leave()
    carried?.broken(why)
  }

  #leave(): void {
    if (this.#isGone) return
    this.#isGone = true
    this.#socket.destroy()
    this.#owner.gone(this)
  }
}

function keptForMs(hint: string | undefined): number | undefined {
  const seconds = hint === undefined ? undefined : /timeout=(\d{1,6})/i.exec(hint)?.[1]
  return seconds === undefined ? undefined : Number(seconds) * 1_000
}
