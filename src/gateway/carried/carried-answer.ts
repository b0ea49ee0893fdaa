import type { Clock } from '../../canonical/clock.ts'
import { errorTable, GatewayError } from '../../canonical/error.ts'
import type { Dialect } from '../../dialects/dialect.ts'
import type { FailureClass, UpstreamExchange, UpstreamFailure, UpstreamHandler } from '../../providers/provider.ts'
import type { Deadlines } from '../../routing/settings.ts'
import { readJson } from '../read-json.ts'
import { MovingDeadline } from '../moving-deadline.ts'
import { readAskedRest } from '../provider-limits.ts'
import { SentSecrets } from '../sent-secrets.ts'
import { refusedRedirect, toldProblem } from '../told-problem.ts'
import { answerLimits, type AttemptFailure } from '../upstream-answer.ts'
import { noSuchPart, notModified, sizeTold } from './conditions.ts'

/** What came of a carried call. */
export type CarriedOpened =
  | { readonly kind: 'whole'; readonly head: AnswerHead; readonly body: Buffer }
  /** Its bytes come to whoever listens. */
  | { readonly kind: 'flow'; readonly head: AnswerHead }
  | { readonly kind: 'failed'; readonly failure: AttemptFailure }
  /** Nobody waits for it any more. */
  | { readonly kind: 'abandoned' }

export interface AnswerHead {
  readonly status: number
  /** By lower-case name. */
  header(name: string): string | undefined
  /** The same where a client may be told it: it is visible, of bounded length, and quotes no secret of ours. */
  tellable(name: string): string | undefined
}

export interface FlowListener {
  bytes(bytes: Buffer): void
  /** Called once, last; whole when `problem` is undefined. */
  over(problem: GatewayError | undefined): void
}

export interface CarriedAnswerSettings {
  readonly clock: Clock
  readonly deadlines: Deadlines
  readonly dialect: Dialect
  /** Whether a good answer with this content type passes as it comes. A stream of events always does. */
  flows(contentType: string): boolean
  /** Of the credential that was sent: a provider that quotes it in an error must not tell it to our clients. */
  readonly secret: string
  /** What a 404 means; `undefined`: what its body says. */
  readonly notFound: GatewayError | undefined
  /** A part was asked for, or what has changed. */
  readonly isConditional: boolean
  readonly onFirstByte: () => void
}

/** Whether an answer with this status is its head alone (RFC 9110, 15.3.5, 15.3.6 and 15.4.5). */
export function isHeadAlone(status: number): boolean {
  return status === 204 || status === 205 || status === notModified
}

function isGood(status: number): boolean {
  return status >= 200 && status < 300
}

/** As long as the longest name of a file with every byte of it escaped. */
const tellableText = /^[\x20-\x7e]{1,2000}$/

/** Hears one answer to a carried call: whole, or as bytes that nobody looks into. */
export class CarriedAnswer implements UpstreamHandler {
  readonly opened: Promise<CarriedOpened>
  readonly #open: (opened: CarriedOpened) => void
  readonly #settings: CarriedAnswerSettings
  readonly #secrets: SentSecrets
  readonly #deadline: MovingDeadline
  readonly #chunks: Buffer[] = []
  #sizeBytes = 0
  #head: AnswerHead | undefined
  #phase: 'waiting' | 'collecting' | 'flowing' | 'over' = 'waiting'
  #listener: FlowListener | undefined
  /** It ended before anyone listened: told as soon as someone does. */
  #untold: { readonly problem: GatewayError | undefined } | undefined
  #connection: UpstreamExchange | undefined

  constructor(settings: CarriedAnswerSettings) {
    const { promise, resolve } = Promise.withResolvers<CarriedOpened>()
    this.opened = promise
    this.#open = resolve
    this.#settings = settings
    this.#secrets = new SentSecrets(settings.secret)
    const { clock, deadlines } = settings
    this.#deadline = new MovingDeadline(clock, deadlines.idleMs, () =>
      this.breakOff(new GatewayError('upstream_timeout', `${errorTable.upstream_timeout.sentence}: no byte in time`)),
    )
  }

  /** The call is dispatched: its intent is safe. */
  awaitFirstByte(): void {
    if (this.#phase !== 'over') this.#deadline.move(this.#settings.deadlines.firstByteUnaryMs)
  }

  connect(connection: UpstreamExchange): void {
    this.#connection = connection
  }

  /** These too must not be told to anyone. */
  mask(secrets: readonly string[]): void {
    this.#secrets.add(secrets)
  }

  /** Nothing is heard any more, and nothing could end it: what has not left by now must not. */
  get isOver(): boolean {
    return this.#phase === 'over'
  }

  get wasSent(): boolean {
    return this.#connection !== undefined
  }

  listen(listener: FlowListener): void {
    this.#listener = listener
    this.#tellHeld()
    if (this.#untold) listener.over(this.#untold.problem)
    else this.resume()
  }

  pause(): void {
    this.#deadline.hold()
    this.#connection?.pause()
  }

  resume(): void {
    if (this.#phase === 'over') return
    this.#deadline.move(this.#settings.deadlines.idleMs)
    this.#connection?.resume()
  }

  abandon(): void {
    if (this.#phase === 'over') return
    this.#end()
    this.#connection?.abort()
    this.#open({ kind: 'abandoned' })
  }

  /** A deadline of ours has passed, or the gateway ends. */
  breakOff(problem: GatewayError): void {
    if (this.#phase === 'over') return
    this.#connection?.abort()
    this.#fail(this.#phase !== 'waiting' ? 'partial' : this.wasSent ? 'unknown' : 'not-sent', problem)
  }

  head(status: number, header: (name: string) => string | undefined): void {
    this.#settings.onFirstByte()
    this.#head = { status, header, tellable: (name) => this.#ifTellable(header(name)) }
    const contentType = header('content-type') ?? ''
    const isFlow = /^text\/event-stream\b/i.test(contentType) || this.#settings.flows(contentType)
    if (isGood(status) && isFlow && !isHeadAlone(status)) {
      this.#phase = 'flowing'
      // Nobody listens yet.
      this.pause()
      this.#open({ kind: 'flow', head: this.#head })
      return
    }
    this.#phase = 'collecting'
    this.#deadline.move(this.#settings.deadlines.idleMs)
  }

  chunk(bytes: Buffer): void {
    switch (this.#phase) {
      case 'collecting':
        this.#deadline.move(this.#settings.deadlines.idleMs)
        return this.#collect(bytes)
      case 'flowing':
        if (!this.#listener) return void this.#chunks.push(bytes)
        this.#deadline.move(this.#settings.deadlines.idleMs)
        return this.#listener.bytes(bytes)
      case 'waiting':
      case 'over':
        return
    }
  }

  end(): void {
    if (this.#phase === 'collecting') this.#finishWhole()
    else if (this.#phase === 'flowing') this.#tellOver(undefined)
  }

  failure({ class: failureClass, kind, message, isOurs }: UpstreamFailure): void {
    this.#fail(failureClass, new GatewayError(kind, `${errorTable[kind].sentence}: ${message}`), isOurs)
  }

  #collect(bytes: Buffer): void {
    this.#sizeBytes += bytes.length
    const isSuccess = this.#head !== undefined && isGood(this.#head.status)
    if (this.#sizeBytes > answerLimits.wholeBytes)
      return this.breakOff(new GatewayError('upstream_invalid', 'the answer is larger than 64 MiB'))
    if (isSuccess || this.#sizeBytes <= answerLimits.problemBytes) this.#chunks.push(bytes)
  }

  #finishWhole(): void {
    const body = Buffer.concat(this.#chunks)
    const head = this.#head
    if (!head) return
    if (isGood(head.status) || (this.#settings.isConditional && head.status === notModified)) {
      this.#end()
      return this.#open({ kind: 'whole', head, body: isHeadAlone(head.status) ? Buffer.alloc(0) : body })
    }
    this.#fail('refused', this.#problemOf(head, body))
  }

  #problemOf({ status, header }: AnswerHead, body: Buffer): GatewayError {
    const { clock, dialect, notFound, isConditional } = this.#settings
    if (status === 404 && notFound) return notFound
    if (status === noSuchPart && isConditional)
      return new GatewayError('range_not_satisfiable', undefined, { sizeBytes: sizeTold(header('content-range')) })
    if (status < 400) return refusedRedirect()
    const problem = dialect.readProblem(status, readJson(body), header)
    // No model was asked for: a 404 is of the path, or of what it names.
    const kind = problem.kind === 'model_not_found' ? 'upstream_rejected' : problem.kind
    return toldProblem({ ...problem, kind }, status, readAskedRest(header, clock.nowMs()), this.#secrets)
  }

  #ifTellable(text: string | undefined): string | undefined {
    if (text === undefined || !tellableText.test(text)) return undefined
    return this.#secrets.areQuotedIn(text) ? undefined : text
  }

  #fail(failureClass: FailureClass, problem: GatewayError, isOurs = false): void {
    if (this.#phase === 'over') return
    if (this.#phase === 'flowing') return this.#tellOver(problem)
    this.#end()
    const httpStatus = this.#head?.status
    this.#open({ kind: 'failed', failure: { class: failureClass, problem, httpStatus, isOurs } })
  }

  #tellHeld(): void {
    const listener = this.#listener
    if (listener) for (const held of this.#chunks.splice(0)) listener.bytes(held)
  }

  /** Whoever listens is told now, or as soon as someone does. */
  #tellOver(problem: GatewayError | undefined): void {
    this.#end()
    this.#untold = { problem }
    this.#tellHeld()
    this.#listener?.over(problem)
  }

  #end(): void {
    this.#phase = 'over'
    this.#deadline.end()
  }
}
