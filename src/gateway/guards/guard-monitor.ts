import type { Clock } from '../../canonical/clock.ts'
import type { GuardPhase, KeptGuardrails } from '../../canonical/guardrail.ts'
import { GuardNotes, guardText, keptGuardrails, withoutEscapes } from '../../policies/guardrails/guard-text.ts'
import { Masks } from '../../policies/guardrails/masks.ts'
import type { GuardRule } from '../../policies/guardrails/rule.ts'
import type { Text } from '../../policies/guardrails/texts.ts'
import type { Asked } from '../read-asked.ts'
import { textsOfCall, type WithTexts } from './texts-of-call.ts'

export const monitorLimits = {
  /** Exchanges that wait. What comes then is not looked at. */
  waiting: 1_000,
  /** Bytes of their bodies, and of what was answered. */
  waitingBytes: 16 * 1024 * 1024,
  /** No turn of the event loop looks at more text, in UTF-16 units. */
  pieceLength: 16_384,
  /** So much of a piece is looked at again with the next: what is cut in two is found once more, or at all. */
  overlapLength: 256,
  /** How long whoever stops waits for what is left. */
  closeMs: 2_000,
} as const

/** A call that rules look at when it is over. */
export interface MonitoredCall {
  /** Never empty. */
  readonly rules: readonly GuardRule[]
  /** As its client sent it. */
  readonly asked: WithTexts & Pick<Asked, 'body'>
}

/** One exchange that rules look at. */
export interface Monitored {
  /** Never empty. Several where a call is carried that holds others. */
  readonly calls: readonly MonitoredCall[]
  /** `undefined`: there was none, or no rule is to look at it. */
  readonly answer: HeardAnswer | undefined
}

/** What was answered, as far as it was kept. */
export interface HeardAnswer {
  readonly bytes: number
  /** Reads it: not to be called on the way of the answer. */
  texts(): readonly Text[]
}

interface Job {
  readonly monitored: Monitored
  readonly bytes: number
  readonly done: (kept: KeptGuardrails) => void
}

export interface GuardMonitorParts {
  readonly clock: Clock
  /** An exchange that nobody will look at: too many wait. */
  readonly onDropped: () => void
  readonly onBug: (error: unknown) => void
  /** Calls back in another turn of the event loop, after what is ready by then. */
  readonly nextTurn: (then: () => void) => void
}

/**
 * Looks at calls and answers after the answers have been handed over: a piece a turn, so that no exchange waits for longer than a piece takes.
 * What is found is told; nothing is changed by it.
 */
export class GuardMonitor {
  readonly #parts: GuardMonitorParts
  readonly #jobs: Job[] = []
  #bytes = 0
  #isRunning = false
  #onIdle: (() => void) | undefined

  constructor(parts: GuardMonitorParts) {
    this.#parts = parts
  }

  /** Exchanges that wait. */
  get waiting(): number {
    return this.#jobs.length
  }

  /** @param done told what was seen, once, when all has been looked at; never where the exchange is dropped. */
  add(monitored: Monitored, done: (kept: KeptGuardrails) => void): void {
    const { calls, answer } = monitored
    const bytes = calls.reduce((sum, { asked }) => sum + asked.body.length, answer?.bytes ?? 0)
    if (this.#jobs.length >= monitorLimits.waiting || this.#bytes + bytes > monitorLimits.waitingBytes)
      return this.#parts.onDropped()
    this.#jobs.push({ monitored, bytes, done })
    this.#bytes += bytes
    if (this.#isRunning) return
    this.#isRunning = true
    this.#parts.nextTurn(() => this.#next())
  }

  /** Resolves when everything has been looked at, or `closeMs` later. @returns how many exchanges are left. */
  async close(): Promise<number> {
    if (!this.#isRunning) return 0
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.#onIdle = () => resolve(undefined)
    const timer = this.#parts.clock.after(monitorLimits.closeMs, () => resolve(undefined))
    await promise
    timer.cancel()
    return this.#jobs.length
  }

  #next(): void {
    const [job] = this.#jobs
    if (!job) {
      this.#isRunning = false
      return this.#onIdle?.()
    }
    const notes = new GuardNotes(this.#parts.clock)
    const pieces = piecesOf(job.monitored)
    const step = () => {
      try {
        const { done, value } = pieces.next()
        if (done !== true) {
          const { rules, text, phase } = value
          notes.timed(phase, () => guardText(rules, text, phase, notes, new Masks()))
          return this.#parts.nextTurn(step)
        }
        job.done(keptGuardrails(notes))
      } catch (thrown) {
        this.#parts.onBug(thrown)
      }
      this.#jobs.shift()
      this.#bytes -= job.bytes
      this.#parts.nextTurn(() => this.#next())
    }
    step()
  }
}

interface Piece {
  readonly rules: readonly GuardRule[]
  readonly text: Text
  readonly phase: GuardPhase
}

function* piecesOf({ calls, answer }: Monitored): Generator<Piece> {
  for (const { rules, asked } of calls) {
    for (const text of textsOfCall(asked))
      for (const piece of inPieces(text)) yield { rules, text: piece, phase: 'input' }
    for (const text of answer?.texts() ?? [])
      for (const piece of inPieces(text)) yield { rules, text: piece, phase: 'output' }
  }
}

/** A long text is looked at piece by piece; a path tells where its piece begins. */
function* inPieces(text: Text): Generator<Text> {
  const { pieceLength, overlapLength } = monitorLimits
  if (text.text.length <= pieceLength) return yield text
  const plain = text.isJsonText ? withoutEscapes(text.text) : text.text
  for (let from = 0; from < plain.length - overlapLength; from += pieceLength - overlapLength)
    yield {
      ...text,
      path: `${text.path}[${from}..]`,
      text: plain.slice(from, from + pieceLength),
      isJsonText: false,
    }
}
