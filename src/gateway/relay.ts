import type { Timer } from '../canonical/clock.ts'
import { lossesText } from '../canonical/loss.ts'
import { contentTypeOf, framed, type Framing } from '../wire/framing.ts'
import { writeUsd } from '../canonical/money.ts'
import type { GatewayError } from '../canonical/error.ts'
import { AskedStream } from './guards/asked-stream.ts'
import type { Answer } from './attempt.ts'
import { drainLimits } from './drain.ts'
import type { Exchange } from './exchange.ts'
import { answerHeaders } from './headers.ts'
import type { Meter } from './meter.ts'
import type { Parts } from './parts.ts'
import type { StreamPiece } from './stream-source.ts'
import type { StreamListener } from './upstream-answer.ts'

/**
 * Brings an answer to the client: the provider's own bytes where both sides speak the same dialect, translated ones where
 * they do not. The record of what was used is safe before the client sees the end (I10), so a client that saw its answer finish
 * has been counted.
 */
export async function relay(exchange: Exchange, answer: Answer, meter: Meter, parts: Parts): Promise<void> {
  try {
    switch (answer.opened.kind) {
      case 'whole':
        return await relayWhole(exchange, answer, answer.opened, meter, parts)
      case 'stream':
        return await relayStream(exchange, answer, answer.opened, meter, parts)
    }
  } finally {
    answer.release()
  }
}

async function relayWhole(
  exchange: Exchange,
  answer: Answer,
  { body, facts, contentType = 'application/json' }: Extract<Answer['opened'], { kind: 'whole' }>,
  meter: Meter,
  parts: Parts,
): Promise<void> {
  const record = answer.meter.settle({
    // Its client went while it was listened to, to learn what it is billed at.
    status: exchange.client.isGone ? 'aborted' : 'ok',
    errorKind: undefined,
    failureClass: undefined,
    httpStatus: answer.opened.status,
    facts: { ...facts, isUsageFinal: true, contentFrames: 0 },
    answerLosses: answer.upstream.losses(),
    isLast: true,
  })
  await parts.usage.written()
  const headers = answerHeaders(exchange, answer, meter, contentType, record.losses)
  const { costNanos } = meter
  if (costNanos !== undefined) headers.push('x-weir-cost-usd', writeUsd(costNanos))
  headers.push('content-length', String(body.length))
  exchange.client.head(200, headers)
  exchange.client.end(body)
  meter.told(200, undefined)
  meter.sent(body.length)
}

/** The client has gone, and the answer is listened to all the same. */
interface Drain {
  readonly leave: () => void
  /** How much text had come by then. */
  readonly fromBytes: number
  readonly timer: Timer
}

async function relayStream(
  exchange: Exchange,
  answer: Answer,
  opened: Extract<Answer['opened'], { kind: 'stream' }>,
  meter: Meter,
  parts: Parts,
): Promise<void> {
  const framing = exchange.endpoint.dialect.framing ?? 'sse'
  const contentType = opened.soundType ?? contentTypeOf(framing)
  exchange.client.head(200, [
    ...answerHeaders(exchange, answer, meter, contentType, lossesText(answer.worded.losses)),
    'cache-control',
    'no-cache',
  ])
  await new StreamRelay(exchange, answer, opened.soundType !== undefined, framing, meter, parts).relay(opened.held)
}

class StreamRelay implements StreamListener {
  readonly #exchange: Exchange
  readonly #answer: Answer
  readonly #isSound: boolean
  readonly #framing: Framing
  readonly #meter: Meter
  readonly #parts: Parts
  /** Guards elsewhere may hold it up on its way. */
  readonly #asked: AskedStream | undefined
  readonly #done = Promise.withResolvers<undefined>()
  #isSettled = false
  #isHeldUp = false
  #drain: Drain | undefined

  constructor(exchange: Exchange, answer: Answer, isSound: boolean, framing: Framing, meter: Meter, parts: Parts) {
    this.#exchange = exchange
    this.#answer = answer
    this.#isSound = isSound
    this.#framing = framing
    this.#meter = meter
    this.#parts = parts
    const asked = isSound ? undefined : answer.upstream.asked
    this.#asked = asked && new AskedStream(asked, answer.upstream, parts.clock, this)
  }

  /** @param held what came before anybody listened. */
  async relay(held: readonly StreamPiece[]): Promise<void> {
    const { client } = this.#exchange
    client.gone(() => this.#clientGone())
    if (this.#asked) {
      // It may be long before the first byte: the head does not wait for it.
      client.write(Buffer.alloc(0))
      this.#asked.begin(held)
    } else {
      for (const piece of held) this.piece(piece)
      this.#answer.upstream.listen(this)
    }
    try {
      await this.#done.promise
    } finally {
      this.#asked?.stop()
    }
  }

  piece({ pass, ending }: StreamPiece): void {
    if (this.#isSettled) return
    const drain = this.#drain
    this.#answer.meter.saw(this.#answer.upstream)
    if (!drain) for (const bytes of pass) this.#write(bytes)
    if (ending !== undefined) return this.#end('ok', undefined, ending)
    if (drain && this.#textBytes() - drain.fromBytes > drainLimits.textBytes) this.#breakOff()
  }

  over(problem: GatewayError | undefined): void {
    if (this.#isSettled) return
    if (!problem) return this.#end('ok', undefined, undefined)
    // Sound has no words for what went wrong: it breaks off, so that nobody takes it for whole.
    if (this.#isSound) return this.#settle('truncated', problem, () => this.#exchange.client.breakOff())
    // Never an ordinary ending after a cut: the client is told in its own dialect, and no last frame follows (S1).
    const { dialect } = this.#exchange.endpoint
    this.#end('truncated', problem, framed(dialect.writeStreamProblem(problem, this.#exchange.id), this.#framing))
  }

  #write(bytes: Buffer): void {
    const { client } = this.#exchange
    this.#meter.sent(bytes.length)
    // One read of the provider's may be many events: all are written, and waited for once.
    if (client.write(bytes) || this.#isHeldUp) return
    // A slow reader holds up its own provider, not our memory.
    const flow = this.#asked ?? this.#answer.upstream
    this.#isHeldUp = true
    flow.pause()
    client.drained(() => {
      this.#isHeldUp = false
      flow.resume()
    })
  }

  /** The client has the rest of it once its record is safe. */
  #end(told: 'ok' | 'truncated', problem: GatewayError | undefined, lastBytes: Buffer | undefined): void {
    this.#settle(told, problem, () => {
      this.#meter.sent(lastBytes?.length ?? 0)
      this.#exchange.client.end(lastBytes)
    })
  }

  #settle(told: 'ok' | 'truncated' | 'aborted', problem: GatewayError | undefined, then: () => void): void {
    const { upstream, meter, opened } = this.#answer
    const status = this.#drain ? 'aborted' : told
    this.#isSettled = true
    this.#drain?.timer.cancel()
    this.#drain?.leave()
    meter.settle({
      status,
      errorKind: problem?.kind,
      failureClass: status === 'ok' ? undefined : 'partial',
      httpStatus: opened.status,
      facts: upstream.facts(),
      answerLosses: upstream.losses(),
      isLast: true,
    })
    this.#meter.told(200, problem)
    this.#parts.usage.written().then(() => {
      then()
      this.#done.resolve(undefined)
    }, this.#done.reject)
  }

  #clientGone(): void {
    if (this.#isSettled) return this.#done.resolve(undefined)
    const leave = this.#answer.onAbort === 'drain' ? this.#parts.drains.enter() : undefined
    if (!leave) return this.#breakOff()
    const timer = this.#parts.clock.after(drainLimits.ms, () => this.#breakOff())
    this.#drain = { leave, fromBytes: this.#textBytes(), timer }
    this.#asked?.stop()
    this.#answer.upstream.resume()
  }

  #breakOff(): void {
    this.#answer.upstream.abandon()
    this.#settle('aborted', undefined, () => {})
  }

  #textBytes(): number {
    return this.#answer.upstream.facts()?.textBytes ?? 0
  }
}
