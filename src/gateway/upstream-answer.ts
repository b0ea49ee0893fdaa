import type { Clock } from '../canonical/clock.ts'
import { asGatewayError, errorTable, GatewayError, type ErrorKind } from '../canonical/error.ts'
import { isJsonObject, type Json } from '../canonical/json.ts'
import type { Loss } from '../canonical/loss.ts'
import type { Call } from '../canonical/call.ts'
import type { Dialect, ReplyFacts, StreamFacts, UpstreamProblem } from '../dialects/dialect.ts'
import type { FailureClass, UpstreamExchange, UpstreamFailure, UpstreamHandler } from '../providers/provider.ts'
import type { Deadlines } from '../routing/settings.ts'
import { framingOf, type Framing } from '../wire/framing.ts'
import { mediaTypeOf } from '../wire/media-type.ts'
import { readJson } from './read-json.ts'
import { MovingDeadline } from './moving-deadline.ts'
import type { AskedAnswer } from './guards/asked-answer.ts'
import type { AnswerTranslator } from './answer-translator.ts'
import { readAskedRest, type AskedRest } from './provider-limits.ts'
import { longestRestSeconds } from './retry-after.ts'
import type { AnswerEar } from './guards/answer-ear.ts'
import { isSound, silence, SoundSource, unnamedSound } from './sound-source.ts'
import { StreamSource, type AnswerSource, type Parcel } from './stream-source.ts'

/** Bounds of what is kept in memory for one answer. */
export const answerLimits = { wholeBytes: 64 * 1024 * 1024, problemBytes: 256 * 1024, heldBytes: 64 * 1024 } as const

/** What an attempt came to before a byte reached the client. */
export type Opened =
  | {
      readonly kind: 'whole'
      readonly status: number
      readonly body: Buffer
      readonly facts: ReplyFacts
      readonly contentType?: string
    }
  | {
      readonly kind: 'stream'
      readonly status: number
      readonly held: readonly Parcel[]
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
  parcel(parcel: Parcel): void
  /** The stream is over: whole when `problem` is undefined. Called once, last. */
  over(problem: GatewayError | undefined): void
}

/**
 * Hears one answer from a provider, with its deadlines, up to the point where the client may see it: the whole body of a
 * unary answer, or the first frame of a stream that is part of the answer. Until then another target may be tried.
 */
export class UpstreamAnswer implements UpstreamHandler {
  readonly opened: Promise<Opened>
  readonly #open: (opened: Opened) => void
  readonly #call: Call
  readonly #dialect: Dialect
  readonly #translator: AnswerTranslator | undefined
  /** Keeps what it answers, for who looks at it afterwards. */
  readonly ear: AnswerEar | undefined
  readonly #clientFraming: Framing
  readonly #clock: Clock
  readonly #deadlines: Deadlines
  readonly #onHead: (status: number, rest: AskedRest) => void
  #secrets: readonly string[]
  readonly #chunks: Buffer[] = []
  readonly #held: Parcel[] = []
  #size = 0
  #status = 0
  #rest: AskedRest | undefined
  #header: ((name: string) => string | undefined) | undefined
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

  /**
   * @param translator where client and provider speak different dialects.
   * @param clientFraming how the client's streams are framed.
   * @param ear keeps what it answers. Absent: nobody looks at it afterwards.
   * @param secret of the credential that was sent: a provider that quotes it in an error must not tell it to our clients.
   */
  constructor(
    call: Call,
    dialect: Dialect,
    translator: AnswerTranslator | undefined,
    clientFraming: Framing,
    clock: Clock,
    deadlines: Deadlines,
    onHead: (status: number, rest: AskedRest) => void,
    secret: string,
    ear?: AnswerEar,
  ) {
    this.ear = ear
    const { promise, resolve } = Promise.withResolvers<Opened>()
    this.opened = promise
    this.#open = resolve
    this.#call = call
    this.#dialect = dialect
    this.#translator = translator
    this.#clientFraming = clientFraming
    this.#clock = clock
    this.#deadlines = deadlines
    this.#onHead = onHead
    this.#secrets = [secret]
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
    this.#secrets = [...this.#secrets, ...secrets]
  }

  /** From now on parcels go to the listener. What was held comes in `Opened`. */
  listen(listener: StreamListener): void {
    this.#listener = listener
    if (this.#untold) listener.over(this.#untold.problem)
  }

  /** What of the answer the client's dialect has no word for. */
  losses(): readonly Loss[] {
    return this.#translator?.losses() ?? []
  }

  /** What a stream has said so far; `undefined` when none has begun. */
  facts(): StreamFacts | undefined {
    return this.#source?.facts() ?? this.#asking?.facts
  }

  /** Where the frames of a stream wait for guards elsewhere. `undefined`: parcels hold them. */
  get asked(): AskedAnswer | undefined {
    return this.#translator?.asked
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
    this.breakOff(new GatewayError('upstream_timeout', `${sentenceOf('upstream_timeout')}: ${message}`))
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
    this.#status = status
    this.#rest = readAskedRest(header, this.#clock.nowMs())
    this.#onHead(status, this.#rest)
    this.#header = header
    const framing = framingOf(header('content-type') ?? '')
    const isSuccess = status >= 200 && status < 300
    if (isSuccess && this.#call.isStream && framing !== undefined) {
      // The first-byte deadline goes on until something of the answer itself has come: an opening frame is cheap to send.
      this.#phase = 'opening'
      const reader = this.#dialect.openStream(this.#call)
      this.#source = new StreamSource(reader, this.#translator, framing, this.#clientFraming, this.ear)
    } else if (isSuccess && this.#dialect.readBytes && isSound(header('content-type') ?? '')) {
      this.#phase = 'opening'
      this.#soundType = header('content-type')
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
    const problem = new GatewayError(failure.kind, `${sentenceOf(failure.kind)}: ${failure.message}`)
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
    if (!this.#isPaused) this.#deadline.move(this.#deadlines.idleMs)
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

  #hear(parcel: Parcel | undefined): void {
    if (!parcel) return
    if (this.#phase === 'flowing') this.#flow(parcel)
    else if (this.#phase === 'opening') this.#tryToOpen(parcel)
  }

  #tryToOpen(parcel: Parcel): void {
    this.#held.push(parcel)
    if (parcel.hasContent || parcel.ending !== undefined || this.#size > answerLimits.heldBytes) {
      this.#phase = 'flowing'
      this.#awaitNextByte()
      this.#open({ kind: 'stream', status: this.#status, held: this.#held, soundType: this.#soundType })
      if (parcel.hasProblem) this.#providerBrokeOff()
    } else if (parcel.hasProblem) {
      this.#connection?.abort()
      const facts = this.#source?.facts()
      this.#failAsSaid(this.#problemOf(facts?.problem), facts)
    }
  }

  #flow(parcel: Parcel): void {
    if (this.#listener) this.#listener.parcel(parcel)
    else this.#held.push(parcel)
    if (parcel.hasProblem) this.#providerBrokeOff()
  }

  #take(bytes: Buffer): Parcel | undefined {
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
    const body = Buffer.concat(this.#chunks)
    const value = readJson(body)
    if (this.#status < 200 || this.#status >= 300) {
      if (this.#status >= 300 && this.#status < 400)
        return this.#fail(
          'refused',
          new GatewayError('upstream_invalid', 'the provider answered with a redirect, which is not followed'),
        )
      return this.#fail('refused', this.#problemOf(this.#dialect.readProblem(this.#status, value, this.#header)))
    }
    const { readBytes } = this.#dialect
    const contentType = this.#header?.('content-type') ?? ''
    const isUnnamed = contentType === '' && isJsonObject(value)
    if (readBytes && !isUnnamed && !/^application\/(?:[\w.+-]+\+)?json\b/i.test(contentType))
      return this.#openBytes(body, contentType, readBytes(body))
    if (value === undefined)
      return this.#fail('partial', new GatewayError('upstream_invalid', 'the answer is not valid JSON'))
    const facts = this.#dialect.readReply(value, this.#header)
    if (facts.problem) return this.#failAsSaid(this.#problemOf(facts.problem), unusable(facts))
    if (this.#call.isStream && !readBytes)
      return this.#fail('partial', new GatewayError('upstream_invalid', 'a stream was asked for and none came'))
    const fault = isJsonObject(value) ? this.#dialect.faultIn?.(value, this.#call) : undefined
    // It was made all the same, and is billed as it says.
    if (fault !== undefined)
      return this.#fail('partial', new GatewayError('upstream_invalid', fault), false, unusable(facts))
    if (isJsonObject(value)) this.ear?.whole(value, body.length)
    const { asked } = this
    if (asked && isJsonObject(value)) return this.#ask((ending) => asked.whole(value, ending), facts)
    const told = this.#inClientsWords(body, value, facts)
    if (told) this.#openWhole(told, facts)
  }

  /** Plain text, subtitles, and sound that has no type: nothing that a browser would run is passed on. */
  #openBytes(body: Buffer, contentType: string, facts: ReplyFacts): void {
    if (contentType === '' && this.#call.operation === 'speech') {
      if (body.length === 0) return this.#fail('partial', silence())
      return this.#openWhole(body, facts, unnamedSound)
    }
    if (!harmlessTypes.has(mediaTypeOf(contentType) ?? ''))
      return this.#fail(
        'partial',
        new GatewayError('upstream_invalid', 'the answer is neither JSON, nor sound or text'),
      )
    this.ear?.whole({ text: body.toString('utf8') }, body.length)
    const { asked } = this
    if (asked) return this.#ask((ending) => asked.text(body, ending), facts, contentType)
    const told = this.#guarded(() => this.#translator?.text(body) ?? body, facts)
    if (told) this.#openWhole(told, facts, contentType)
  }

  /** Guards elsewhere are asked about a whole answer: it has been made, and is billed as it says, whatever they find. */
  #ask(write: (ending: AbortSignal) => Promise<Buffer>, facts: ReplyFacts, contentType?: string): void {
    const ending = new AbortController()
    this.#phase = 'asking'
    this.#deadline.end()
    this.#asking = { facts: { ...facts, isUsageFinal: true, isComplete: true, contentFrames: 0 }, ending }
    write(ending.signal).then(
      (told) => {
        if (this.#phase === 'asking') this.#openWhole(told, facts, contentType)
      },
      (thrown: unknown) => {
        if (this.#phase === 'asking') this.#fail('partial', asGatewayError(thrown))
      },
    )
  }

  #openWhole(body: Buffer, facts: ReplyFacts, contentType?: string): void {
    this.#phase = 'over'
    this.#deadline.end()
    const opened = { kind: 'whole', status: this.#status, body, facts } as const
    this.#open(contentType === undefined ? opened : { ...opened, contentType })
  }

  #inClientsWords(body: Buffer, value: Json, facts: ReplyFacts): Buffer | undefined {
    return this.#guarded(() => (this.#translator && isJsonObject(value) ? this.#translator.whole(value) : body), facts)
  }

  /** @returns `undefined` where a guardrail blocked it. It was made all the same, and is billed as it says. */
  #guarded(write: () => Buffer, facts: ReplyFacts): Buffer | undefined {
    try {
      return write()
    } catch (thrown) {
      if (!(thrown instanceof GatewayError) || thrown.kind !== 'guardrail_blocked') throw thrown
      this.#fail('partial', thrown, false, { ...facts, isUsageFinal: true, isComplete: true, contentFrames: 0 })
      return undefined
    }
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

  /** The provider says that it failed. Where it says what it used all the same, that is billed: it was no mere refusal. */
  #failAsSaid(problem: GatewayError, facts: StreamFacts | undefined): void {
    if (facts?.isUsageFinal) this.#fail('partial', problem, false, facts)
    else this.#fail('refused', problem)
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
    if (!problem) return new GatewayError('upstream_invalid')
    return new GatewayError(problem.kind, this.#masked(problem.message), {
      param: problem.param && this.#masked(problem.param),
      providerCode: problem.providerCode,
      retryAfterSeconds: problem.isLasting === true ? undefined : this.#waitSeconds(problem.retryAfterMs),
      isLasting: problem.isLasting ?? false,
    })
  }

  /** How long the provider wants to be left alone: by a header, by its words. A limit that is used up counts where the answer says so. */
  #waitSeconds(inBodyMs: number | undefined): number | undefined {
    const { retryAfterMs, limitMs } = this.#rest ?? {}
    const waitMs = retryAfterMs ?? inBodyMs ?? (this.#status === 429 ? limitMs : undefined)
    return waitMs === undefined ? undefined : Math.min(Math.ceil(waitMs / 1_000), longestRestSeconds)
  }

  /** Keys of a known form are masked by the dialects (failures.md L1); these are known by heart. */
  #masked(text: string): string {
    return this.#secrets.reduce((left, secret) => (secret === '' ? left : left.replaceAll(secret, '[masked]')), text)
  }
}

/** Of a whole answer that is shown to nobody. */
function unusable(facts: ReplyFacts): StreamFacts {
  return { ...facts, isUsageFinal: facts.usage !== undefined, isComplete: false, contentFrames: 0 }
}

const harmlessTypes: ReadonlySet<string> = new Set(['application/x-subrip', 'text/plain', 'text/vtt', 'text/srt'])

function sentenceOf(kind: ErrorKind): string {
  return errorTable[kind].sentence
}
