import type { Clock } from '../canonical/clock.ts'
import { asGatewayError, errorTable, GatewayError } from '../canonical/error.ts'
import type { Loss } from '../canonical/loss.ts'
import type { Call } from '../canonical/call.ts'
import type { Dialect, ReplyFacts, StreamFacts, UpstreamProblem } from '../dialects/dialect.ts'
import type { FailureClass, UpstreamExchange, UpstreamFailure, UpstreamHandler } from '../providers/provider.ts'
import type { Deadlines } from '../routing/settings.ts'
import { framingOf, type Framing } from '../wire/framing.ts'
import { MovingDeadline } from './moving-deadline.ts'
import type { AskedAnswer } from './guards/asked-answer.ts'
import type { AnswerTranslator } from './answer-translator.ts'
import { readAskedRest, type AskedRest } from './provider-limits.ts'
import { billed, readWholeAnswer, saidFailure, type WholeAnswer } from './read-whole-answer.ts'
import type { AnswerEar } from './guards/answer-ear.ts'
import { SentSecrets } from './sent-secrets.ts'
import { isSound, SoundSource } from './sound-source.ts'
import { StreamSource, type AnswerSource, type StreamPiece } from './stream-source.ts'
import { toldProblem } from './told-problem.ts'

/** Bounds of what is kept in memory for one answer. */
export const answerLimits = { wholeBytes: 64 * 1024 * 1024, problemBytes: 256 * 1024, heldBytes: 64 * 1024 } as const

/** What an attempt came to before a byte reached the client. */
export type Opened =
  | {
      readonly kind: 'whole'
      readonly status: number
      readonly body: Buffer
      readonly facts: ReplyFacts
      readonly contentType?: string | undefined
    }
  | {
      readonly kind: 'stream'
      readonly status: number
      readonly held: readonly StreamPiece[]
      /** Of an answer that is sound and no events: nothing can be said in it. */
      readonly soundType?: string | undefined
    }
  | { readonly kind: 'failed'; readonly failure: AttemptFailure }
  /** Nobody waits for the answer any more. */
  | { readonly kind: 'abandoned' }

export interface AttemptFailure {
  readonly class: FailureClass
  readonly problem: GatewayError
  readonly httpStatus: number | undefined
  /** Weir itself could not send it: that says nothing of the provider. */
  readonly isOurs: boolean
  /** What the answer says it used, where it came whole and may not be shown. */
  readonly facts?: StreamFacts | undefined
}

/** Who hears the rest of a stream once it is open. */
export interface StreamListener {
  piece(piece: StreamPiece): void
  /** The stream is over: whole when `problem` is undefined. Called once, last. */
  over(problem: GatewayError | undefined): void
}

export interface AnswerSettings {
  /** As it is worded for the provider. */
  readonly call: Call
  readonly dialect: Dialect
  /** Where client and provider speak different dialects, or guards look at what is answered. */
  readonly translator: AnswerTranslator | undefined
  /** How the client's streams are framed. */
  readonly clientFraming: Framing
  readonly clock: Clock
  readonly deadlines: Deadlines
  /** Of the credential that was sent; empty: none was. */
  readonly secret: string
  /** Keeps what it answers, for who looks at it afterwards. */
  readonly ear?: AnswerEar | undefined
  /** The status has come, and what its headers say of how long the provider wants to be left alone. */
  readonly onHead: (status: number, rest: AskedRest) => void
}

/**
 * Hears one answer from a provider, with its deadlines, up to the point where the client may see it: the whole body of a
 * unary answer, or the first frame of a stream that is part of the answer. Until then another target may be tried.
 */
export class UpstreamAnswer implements UpstreamHandler {
  readonly opened: Promise<Opened>
  readonly #open: (opened: Opened) => void
  readonly #settings: AnswerSettings
  readonly #secrets: SentSecrets
  readonly #chunks: Buffer[] = []
  readonly #held: StreamPiece[] = []
  #size = 0
  #status = 0
  #rest: AskedRest | undefined
  #header: (name: string) => string | undefined = () => undefined
  #phase: 'held' | 'waiting' | 'collecting' | 'asking' | 'opening' | 'flowing' | 'over' = 'held'
  #source: AnswerSource | undefined
  /** Of an answer that is sound. */
  #soundType: string | undefined
  #listener: StreamListener | undefined
  /** The stream ended before anyone listened: told as soon as someone does. */
  #untold: { readonly problem: GatewayError | undefined } | undefined
  readonly #firstByteMs: number
  /** Of the next byte. It is not moved while the reader holds us up. */
  readonly #deadline: MovingDeadline
  #isPaused = false
  /** Something of the answer has come: from now on each silence counts by itself. */
  #isBegun = false
  #connection: UpstreamExchange | undefined
  /** While guards elsewhere are asked about a whole answer: what it used, and what ends the asking. */
  #asking: { readonly facts: StreamFacts; readonly ending: AbortController } | undefined

  constructor(settings: AnswerSettings) {
    const { promise, resolve } = Promise.withResolvers<Opened>()
    this.opened = promise
    this.#open = resolve
    this.#settings = settings
    this.#secrets = new SentSecrets(settings.secret)
    const { call, clock, deadlines } = settings
    const waitMs = call.isStream ? deadlines.firstByteMs : deadlines.firstByteUnaryMs
    this.#firstByteMs = waitMs
    this.#deadline = new MovingDeadline(clock, Math.min(waitMs, deadlines.idleMs), () =>
      this.expire(this.#isBegun ? `no byte for ${deadlines.idleMs} ms` : `no first byte within ${waitMs} ms`),
    )
  }

  /** The call is dispatched: its intent is safe, and a slow disk of ours is no slow provider. */
  awaitFirstByte(): void {
    if (this.#phase !== 'held') return
    this.#phase = 'waiting'
    this.#deadline.move(this.#firstByteMs)
  }

  /** Hands over the connection, so that the answer can be paused and broken off. */
  connect(connection: UpstreamExchange): void {
    this.#connection = connection
  }

  /** More that was sent and is told to nobody. */
  mask(secrets: readonly string[]): void {
    this.#secrets.add(secrets)
  }

  /** From now on parcels go to the listener. What was held comes in `Opened`. */
  listen(listener: StreamListener): void {
    this.#listener = listener
    if (this.#untold) listener.over(this.#untold.problem)
  }

  /** What of the answer the client's dialect has no word for. */
  losses(): readonly Loss[] {
    return this.#settings.translator?.losses() ?? []
  }

  /** What a stream has said so far; `undefined` when none has begun. */
  facts(): StreamFacts | undefined {
    return this.#source?.facts() ?? this.#asking?.facts
  }

  /** Where the frames of a stream wait for guards elsewhere. `undefined`: parcels hold them. */
  get asked(): AskedAnswer | undefined {
    return this.#settings.translator?.asked
  }

  /** Keeps what it answers, for who looks at it afterwards. */
  get ear(): AnswerEar | undefined {
    return this.#settings.ear
  }

  /** Nothing is heard any more, and nothing could end it: what has not left by now must not. */
  get isOver(): boolean {
    return this.#phase === 'over'
  }

  get wasSent(): boolean {
    return this.#connection !== undefined
  }

  get httpStatus(): number | undefined {
    return this.#status === 0 ? undefined : this.#status
  }

  /** The reader is slow: stop reading, and stop the clock that waits for the provider. */
  pause(): void {
    this.#isPaused = true
    this.#deadline.hold()
    this.#connection?.pause()
  }

  resume(): void {
    if (this.#phase === 'over') return
    this.#isPaused = false
    this.#awaitNextByte()
    this.#connection?.resume()
  }

  /** The client has gone, or nobody wants the answer any more. Nothing is heard afterwards. */
  abandon(): void {
    if (this.#phase === 'over') return
    this.#phase = 'over'
    this.#deadline.end()
    this.#asking?.ending.abort()
    this.#connection?.abort()
    this.#open({ kind: 'abandoned' })
  }

  /** A deadline passed. */
  expire(message: string): void {
    this.breakOff(new GatewayError('upstream_timeout', `${errorTable.upstream_timeout.sentence}: ${message}`))
  }

  /** The answer must end now, well or not: a deadline of ours, or a drain whose time is up. */
  breakOff(problem: GatewayError): void {
    if (this.#phase === 'over') return
    this.#connection?.abort()
    switch (this.#phase) {
      case 'held':
        // Nothing of it was the provider's yet.
        return this.#fail('not-sent', problem, true)
      case 'waiting':
        return this.#fail(this.wasSent ? 'unknown' : 'not-sent', problem)
      case 'flowing':
        return this.#over(this.#source?.hasEnded === true ? undefined : problem)
      case 'collecting':
      case 'asking':
      case 'opening':
        return this.#fail('partial', problem)
    }
  }

  head(status: number, header: (name: string) => string | undefined): void {
    const { call, dialect, translator, clientFraming, clock, onHead } = this.#settings
    this.#status = status
    this.#rest = readAskedRest(header, clock.nowMs())
    onHead(status, this.#rest)
    this.#header = header
    const contentType = header('content-type') ?? ''
    const framing = framingOf(contentType)
    const isSuccess = status >= 200 && status < 300
    if (isSuccess && call.isStream && framing !== undefined) {
      // The first-byte deadline goes on until something of the answer itself has come: an opening frame is cheap to send.
      this.#phase = 'opening'
      this.#source = new StreamSource(dialect.openStream(call), translator, framing, clientFraming, this.ear)
    } else if (isSuccess && dialect.readBytes && isSound(contentType)) {
      this.#phase = 'opening'
      this.#soundType = contentType
      this.#source = new SoundSource()
    } else {
      this.#phase = 'collecting'
      this.#awaitNextByte()
    }
  }

  chunk(bytes: Buffer): void {
    switch (this.#phase) {
      case 'collecting':
        this.#awaitNextByte()
        return this.#collect(bytes)
      case 'opening':
        this.#size += bytes.length
        return this.#hear(this.#take(bytes))
      case 'flowing':
        this.#awaitNextByte()
        return this.#hear(this.#take(bytes))
      case 'held':
      case 'waiting':
      case 'asking':
      case 'over':
        return
    }
  }

  end(): void {
    switch (this.#phase) {
      case 'collecting':
        return this.#orFail(() => this.#finishWhole())
      case 'opening':
      case 'flowing':
        return this.#orFail(() => {
          this.#hear(this.#source?.takeRest())
          this.#finishStream()
        })
      case 'held':
      case 'waiting':
      case 'asking':
      case 'over':
        return
    }
  }

  failure(failure: UpstreamFailure): void {
    if (this.#phase === 'over' || this.#phase === 'asking') return
    const problem = new GatewayError(failure.kind, `${errorTable[failure.kind].sentence}: ${failure.message}`)
    // The provider's own last frame had come: what breaks after it is not part of the answer.
    if (this.#phase === 'flowing' && this.#source?.hasEnded === true) return this.#over(undefined)
    if (this.#phase === 'flowing') return this.#over(problem)
    this.#fail(failure.class, problem, failure.isOurs)
  }

  /** Nothing comes after the end that could tell of a mistake made there: whoever waits is told first. */
  #orFail(finish: () => void): void {
    try {
      finish()
    } catch (thrown) {
      const problem = asGatewayError(thrown)
      if (this.#phase === 'flowing') this.#over(problem)
      else this.#fail('partial', problem)
      if (problem !== thrown) throw thrown
    }
  }

  #awaitNextByte(): void {
    this.#isBegun = true
    if (!this.#isPaused) this.#deadline.move(this.#settings.deadlines.idleMs)
  }

  #collect(bytes: Buffer): void {
    this.#size += bytes.length
    const isSuccess = this.#status >= 200 && this.#status < 300
    if (this.#size > (isSuccess ? answerLimits.wholeBytes : answerLimits.problemBytes)) {
      if (!isSuccess) return
      this.#connection?.abort()
      return this.#fail('partial', new GatewayError('upstream_invalid', 'the answer is larger than 64 MiB'))
    }
    this.#chunks.push(bytes)
  }

  #hear(piece: StreamPiece | undefined): void {
    if (!piece) return
    if (this.#phase === 'flowing') this.#flow(piece)
    else if (this.#phase === 'opening') this.#tryToOpen(piece)
  }

  #tryToOpen(piece: StreamPiece): void {
    this.#held.push(piece)
    if (piece.hasContent || piece.ending !== undefined || this.#size > answerLimits.heldBytes) {
      this.#phase = 'flowing'
      this.#awaitNextByte()
      this.#open({ kind: 'stream', status: this.#status, held: this.#held, soundType: this.#soundType })
      if (piece.hasProblem) this.#providerBrokeOff()
    } else if (piece.hasProblem) {
      this.#connection?.abort()
      const facts = this.#source?.facts()
      const failed = saidFailure(this.#problemOf(facts?.problem), facts)
      this.#fail(failed.class, failed.problem, false, failed.facts)
    }
  }

  #flow(piece: StreamPiece): void {
    if (this.#listener) this.#listener.piece(piece)
    else this.#held.push(piece)
    if (piece.hasProblem) this.#providerBrokeOff()
  }

  #take(bytes: Buffer): StreamPiece | undefined {
    try {
      return this.#source?.take(bytes)
    } catch (thrown) {
      if (!(thrown instanceof GatewayError)) throw thrown
      this.#connection?.abort()
      if (this.#phase === 'flowing') this.#over(thrown)
      else this.#fail('partial', thrown)
      return undefined
    }
  }

  /** The provider reported an error after part of its answer had been passed on. */
  #providerBrokeOff(): void {
    this.#connection?.abort()
    this.#over(this.#problemOf(this.#source?.facts().problem))
  }

  #finishWhole(): void {
    const head = { status: this.#status, header: this.#header, rest: this.#rest }
    const whole = readWholeAnswer(Buffer.concat(this.#chunks), head, this.#secrets, this.#settings)
    switch (whole.kind) {
      case 'told':
        return this.#openWhole(whole.body, whole.facts, whole.contentType)
      case 'asked':
        return this.#ask(whole)
      case 'failed':
        return this.#fail(whole.class, whole.problem, false, whole.facts)
    }
  }

  #ask({ told, facts, contentType }: WholeAnswer & { readonly kind: 'asked' }): void {
    const ending = new AbortController()
    this.#phase = 'asking'
    this.#deadline.end()
    this.#asking = { facts: billed(facts), ending }
    told(ending.signal).then(
      (body) => {
        if (this.#phase === 'asking') this.#openWhole(body, facts, contentType)
      },
      (thrown: unknown) => {
        if (this.#phase === 'asking') this.#fail('partial', asGatewayError(thrown))
      },
    )
  }

  #openWhole(body: Buffer, facts: ReplyFacts, contentType?: string): void {
    this.#phase = 'over'
    this.#deadline.end()
    this.#open({ kind: 'whole', status: this.#status, body, facts, contentType })
  }

  #finishStream(): void {
    if (this.#phase === 'over') return
    const isWhole = this.#source?.hasEnded === true || this.#source?.facts().isComplete === true
    const cut = isWhole
      ? undefined
      : new GatewayError('upstream_cut', 'the provider ended its stream before the answer was complete')
    if (this.#phase === 'opening') {
      if (cut) return this.#fail('partial', cut)
      this.#open({ kind: 'stream', status: this.#status, held: this.#held, soundType: this.#soundType })
    }
    this.#over(cut)
  }

  #fail(failureClass: FailureClass, problem: GatewayError, isOurs = false, facts?: StreamFacts): void {
    if (this.#phase === 'over') return
    this.#phase = 'over'
    this.#deadline.end()
    this.#asking?.ending.abort()
    this.#open({
      kind: 'failed',
      failure: { class: failureClass, problem, httpStatus: this.httpStatus, isOurs, facts },
    })
  }

  #over(problem: GatewayError | undefined): void {
    if (this.#phase === 'over') return
    this.#phase = 'over'
    this.#deadline.end()
    if (this.#listener) this.#listener.over(problem)
    else this.#untold = { problem }
  }

  #problemOf(problem: UpstreamProblem | undefined): GatewayError {
    return problem
      ? toldProblem(problem, this.#status, this.#rest, this.#secrets)
      : new GatewayError('upstream_invalid')
  }
}
