import { asGatewayError, type GatewayError } from '../../canonical/error.ts'
import type { HeardFrame } from '../../canonical/event.ts'
import type { Clock, Timer } from '../../canonical/clock.ts'
import {
  judgedIn,
  noteSilence,
  refuseUnwritable,
  unwritable,
} from '../../policies/guardrails/external/apply-verdicts.ts'
import { windowLengths, type AskedText } from '../../policies/guardrails/external/asked-text.ts'
import type { AskedRule, Verdict } from '../../policies/guardrails/external/verdict.ts'
import type { Text } from '../../policies/guardrails/texts.ts'
import type { StreamPiece } from '../stream-source.ts'
import type { StreamListener, UpstreamAnswer } from '../upstream-answer.ts'
import type { AskedAnswer } from './asked-answer.ts'
import { AskedFrames } from './asked-frames.ts'
import { FinishedTexts } from './finished-texts.ts'

export const askedStreamLimits = {
  /** While a guard thinks, so much text may come from the provider; then it is held up. */
  waitingLength: 64 * 1_024,
  /** So much may wait to be whole: a stream of `buffer`, or the arguments of a call. Of more there is no verdict. */
  heldLength: 4 * 1_024 * 1_024,
  /** A client that hears nothing for so long is sent a ping, where its dialect has one. */
  pingMs: 10_000,
} as const

type Upstream = Pick<UpstreamAnswer, 'pause' | 'resume' | 'abandon' | 'listen'>

/**
 * A stream on its way to its client, held up by guards elsewhere: all of it where a rule says `buffer`, else piece by piece. One question
 * is under way at a time, to all rules at once. Rules that look `after` are asked when all has gone, before the last frame.
 */
export class AskedStream {
  readonly #asked: AskedAnswer
  readonly #upstream: Upstream
  readonly #listener: StreamListener
  readonly #holding: readonly AskedRule[]
  readonly #isBuffered: boolean
  readonly #afterwards: FinishedTexts
  readonly #frames: AskedFrames
  readonly #ending = new AbortController()
  readonly #ping: Timer
  #isAsking = false
  /** Nobody looks any more: there was no verdict, and the rules allow that. */
  #isLetThrough: boolean
  /** How the provider's stream ended; `undefined` while it goes on. */
  #end: { readonly hasEnding: boolean } | undefined
  #isOver = false
  #isHeldUp = { byClient: false, byGuards: false }

  constructor(asked: AskedAnswer, upstream: Upstream, clock: Clock, listener: StreamListener) {
    const { rules } = asked.guard.elsewhere
    this.#asked = asked
    this.#upstream = upstream
    this.#listener = listener
    this.#holding = rules.filter(({ asked: { stream } }) => stream !== 'after')
    this.#isBuffered = rules.some(({ asked: { stream } }) => stream === 'buffer')
    this.#afterwards = new FinishedTexts(rules.filter(({ asked: { stream } }) => stream === 'after'))
    this.#frames = new AskedFrames((place) => this.#holding.some(({ places }) => places.has(place)))
    this.#isLetThrough = this.#holding.length === 0
    this.#ping = clock.after(askedStreamLimits.pingMs, () => this.#pingAgain())
  }

  /** @param held what came before anybody listened. */
  begin(held: readonly StreamPiece[]): void {
    for (const piece of held) this.#hear(piece)
    this.#upstream.listen({ piece: (piece) => this.#hear(piece), over: (problem) => this.#over(problem) })
  }

  /** The client is slow. */
  pause(): void {
    this.#holdUp({ ...this.#isHeldUp, byClient: true })
  }

  resume(): void {
    this.#holdUp({ ...this.#isHeldUp, byClient: false })
  }

  /** The client has gone: nobody is asked any more, and what comes is only counted. */
  stop(): void {
    if (this.#isOver) return
    this.#close()
    this.#holdUp({ byClient: false, byGuards: false })
    if (this.#end?.hasEnding === true) this.#listener.piece({ ...nothing, ending: Buffer.alloc(0) })
    else if (this.#end) this.#listener.over(undefined)
  }

  #hear(piece: StreamPiece): void {
    const frames = this.#asked.take()
    if (this.#isOver) return this.#listener.piece({ ...piece, pass: [] })
    for (const frame of frames) this.#push(frame)
    if (piece.ending !== undefined) this.#finish(true)
    else {
      // It is told what came, though nothing of it goes on yet: accounts go by it.
      this.#pass([])
      this.#goOn()
    }
  }

  #push(frame: HeardFrame): void {
    const { notes, rules } = this.#asked.guard
    this.#afterwards.hear(frame)
    const isPing = frame.events.length > 0 && frame.events.every(({ kind }) => kind === 'ping')
    if (isPing || this.#isLetThrough) return this.#pass([frame])
    this.#frames.push(frame, (place, length) => {
      if (!rules.some(({ places }) => places.has(place))) notes.scanned.output += length
    })
  }

  #over(problem: GatewayError | undefined): void {
    if (problem) {
      if (this.#isOver) return this.#listener.over(problem)
      this.#close()
      return this.#listener.over(problem)
    }
    if (this.#isOver) return this.#listener.over(undefined)
    if (!this.#end) this.#finish(false)
  }

  #finish(hasEnding: boolean): void {
    this.#end = { hasEnding }
    this.#frames.end()
    this.#goOn()
  }

  /** Shows what may be shown, and asks about what is due. */
  #goOn(): void {
    if (this.#isOver || this.#isAsking) return this.#holdUpWhereFull()
    this.#pass(this.#frames.take())
    const questions = this.#isDue() ? this.#questions() : []
    if (questions.length > 0) return this.#ask(questions)
    if (this.#frames.heldLength > askedStreamLimits.heldLength) return this.#guarded(() => this.#letThrough())
    if (this.#end) this.#askAfterwards()
  }

  #isDue(): boolean {
    if (this.#isLetThrough) return false
    if (this.#end) return true
    if (this.#isBuffered) return false
    const texts = [...this.#frames.texts]
    const due = texts.reduce((sum, text) => sum + text.due, 0)
    return due >= windowLengths.piece || texts.some(({ isLastDue }) => isLastDue)
  }

  #questions(): readonly Question[] {
    return [...this.#frames.texts].flatMap((asked) => {
      const text = asked.question()
      return text ? [{ asked, text }] : []
    })
  }

  #ask(questions: readonly Question[]): void {
    const { guards } = this.#asked.guard.elsewhere
    this.#isAsking = true
    this.#holdUpWhereFull()
    const texts = questions.map(({ text }) => text)
    guards.ask(this.#holding, texts, 'output', this.#ending.signal).then(
      (verdicts) =>
        this.#guarded(() => {
          this.#isAsking = false
          this.#judged(questions, verdicts)
          this.#holdUp({ ...this.#isHeldUp, byGuards: false })
          this.#goOn()
        }),
      (thrown: unknown) => this.#block(asGatewayError(thrown)),
    )
  }

  /** @throws GatewayError `guardrail_blocked`. */
  #judged(questions: readonly Question[], verdicts: readonly Verdict[]): void {
    const { notes } = this.#asked.guard
    const silent = noteSilence(verdicts, 'output', notes)
    for (const { asked, text } of questions) {
      const seen = judgedIn(text, verdicts)
      notes.add(asked.answered(seen), 'output', text.place, text.path)
      refuseUnwritable(seen, 'output', text)
      if (!asked.staysJson) throw unwritable(seen[0], 'output', text)
    }
    if (silent) throw silent
  }

  /** @throws GatewayError `guardrail_blocked` where a rule blocks what it has no verdict of. */
  #letThrough(): void {
    const { notes } = this.#asked.guard
    const [first] = this.#frames.texts
    const texts: readonly Text[] = first ? [{ path: first.path, place: first.place, text: '', isJsonText: false }] : []
    const verdicts = this.#holding.map((rule): Verdict => ({ kind: 'none', rule, texts, why: 'too-long' }))
    const silent = noteSilence(verdicts, 'output', notes)
    if (silent) throw silent
    this.#isLetThrough = true
    this.#frames.clearAll()
    this.#goOn()
  }

  /** All has gone but the last frame. */
  #askAfterwards(): void {
    const { guards } = this.#asked.guard.elsewhere
    const { notes } = this.#asked.guard
    this.#isAsking = true
    const { rules, texts, tooLong } = this.#afterwards.take()
    const known = tooLong.map((rule): Verdict => ({ kind: 'none', rule, texts: texts.slice(0, 1), why: 'too-long' }))
    guards.ask(rules, texts, 'output', this.#ending.signal).then(
      (verdicts) =>
        this.#guarded(() => {
          noteSilence([...known, ...verdicts], 'output', notes)
          for (const text of texts) notes.add(judgedIn(text, verdicts), 'output', text.place, text.path)
          const hasEnding = this.#end?.hasEnding === true
          const ending = hasEnding ? this.#asked.end() : undefined
          this.#close()
          if (ending) this.#listener.piece({ ...nothing, ending })
          else this.#listener.over(undefined)
        }),
      (thrown: unknown) => this.#block(asGatewayError(thrown)),
    )
  }

  #pass(frames: readonly HeardFrame[]): void {
    const pass = frames.flatMap((frame) => this.#asked.word(frame) ?? [])
    if (pass.length > 0) this.#ping.restart()
    this.#listener.piece({ ...nothing, pass: pass.length > 1 ? [Buffer.concat(pass)] : pass })
  }

  #pingAgain(): void {
    if (this.#isOver) return
    this.#ping.restart()
    this.#pass([{ events: [{ kind: 'ping' }], wire: undefined }])
  }

  #holdUpWhereFull(): void {
    const isFull = this.#isAsking && this.#frames.heldLength > askedStreamLimits.waitingLength
    if (isFull && !this.#isOver) this.#holdUp({ ...this.#isHeldUp, byGuards: true })
  }

  #holdUp(next: { readonly byClient: boolean; readonly byGuards: boolean }): void {
    const [was, is] = [this.#isHeldUp, next].map(({ byClient, byGuards }) => byClient || byGuards)
    this.#isHeldUp = { ...next }
    if (was === is) return
    if (is === true) this.#upstream.pause()
    else this.#upstream.resume()
  }

  /** Runs what may block, where nobody else would hear of it. */
  #guarded(run: () => void): void {
    if (this.#isOver) return
    try {
      run()
    } catch (thrown) {
      this.#block(asGatewayError(thrown))
    }
  }

  #block(problem: GatewayError): void {
    if (this.#isOver) return
    this.#close()
    this.#upstream.abandon()
    this.#listener.over(problem)
  }

  #close(): void {
    this.#isOver = true
    this.#ping.cancel()
    this.#ending.abort()
  }
}

const nothing: StreamPiece = { pass: [], ending: undefined, hasContent: false, hasProblem: false }

interface Question {
  readonly asked: AskedText
  readonly text: Text
}
