import type { Timer } from '../canonical/clock.ts'
import { lossesText } from '../canonical/loss.ts'
import { contentTypeOf, framed } from '../wire/framing.ts'
import { writeUsd } from '../canonical/money.ts'
import type { GatewayError } from '../canonical/error.ts'
import { AskedStream } from './guards/asked-stream.ts'
import type { Answer } from './attempt.ts'
import { drainLimits } from './drain.ts'
import type { Exchange } from './exchange.ts'
import { answerHeaders } from './headers.ts'
import type { Meter } from './meter.ts'
import type { Parts } from './parts.ts'
import type { Parcel } from './stream-source.ts'

/**
 * Brings an answer to the client: the provider's own bytes where both sides speak the same dialect, translated ones where
 * they do not. The record of what
 * was used is safe before the client sees the end (I10), so a client that saw its answer finish has been counted.
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
  { held, soundType }: Extract<Answer['opened'], { kind: 'stream' }>,
  meter: Meter,
  parts: Parts,
): Promise<void> {
  const { client } = exchange
  const { dialect } = exchange.endpoint
  const framing = dialect.framing ?? 'sse'
  const { upstream } = answer
  client.head(200, [
    ...answerHeaders(exchange, answer, meter, soundType ?? contentTypeOf(framing), lossesText(answer.worded.losses)),
    'cache-control',
    'no-cache',
  ])
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  let isSettled = false
  let drain: Drain | undefined

  const settle = (told: 'ok' | 'truncated' | 'aborted', problem: GatewayError | undefined) => {
    const status = drain ? 'aborted' : told
    isSettled = true
    drain?.timer.cancel()
    drain?.leave()
    answer.meter.settle({
      status,
      errorKind: problem?.kind,
      failureClass: status === 'ok' ? undefined : 'partial',
      httpStatus: answer.opened.status,
      facts: upstream.facts(),
      answerLosses: upstream.losses(),
      isLast: true,
    })
    meter.told(200, problem)
    return parts.usage.written()
  }
  let isHeldUp = false
  const write = (bytes: Buffer) => {
    meter.sent(bytes.length)
    // One read of the provider's may be many events: all are written, and waited for once.
    if (client.write(bytes) || isHeldUp) return
    // A slow reader holds up its own provider, not our memory.
    isHeldUp = true
    flow.pause()
    client.drained(() => {
      isHeldUp = false
      flow.resume()
    })
  }
  const forward = (parcel: Parcel) => {
    if (isSettled) return
    answer.meter.saw(upstream)
    if (!drain) for (const bytes of parcel.pass) write(bytes)
    if (parcel.ending === undefined) {
      if (drain && textBytes() - drain.fromBytes > drainLimits.textBytes) breakOff()
      return
    }
    const { ending } = parcel
    settle('ok', undefined).then(() => {
      meter.sent(ending.length)
      client.end(ending)
      resolve(undefined)
    }, reject)
  }
  const over = (problem: GatewayError | undefined) => {
    if (isSettled) return
    settle(problem ? 'truncated' : 'ok', problem).then(() => {
      // Sound has no words for what went wrong: it breaks off, so that nobody takes it for whole.
      if (problem && soundType !== undefined) {
        client.breakOff()
        return resolve(undefined)
      }
      // Never an ordinary ending after a cut: the client is told in its own dialect, and no last frame follows (S1).
      const bytes = problem && framed(dialect.writeStreamProblem(problem, exchange.id), framing)
      meter.sent(bytes?.length ?? 0)
      client.end(bytes)
      resolve(undefined)
    }, reject)
  }

  // Guards elsewhere may hold it up on its way.
  const asked = soundType === undefined ? upstream.asked : undefined
  const askedStream = asked && new AskedStream(asked, upstream, parts.clock, { parcel: forward, over })
  const flow = askedStream ?? upstream

  const textBytes = () => upstream.facts()?.textBytes ?? 0
  const breakOff = () => {
    upstream.abandon()
    settle('aborted', undefined).then(() => resolve(undefined), reject)
  }
  client.gone(() => {
    if (isSettled) return resolve(undefined)
    const leave = answer.onAbort === 'drain' ? parts.drains.enter() : undefined
    if (!leave) return breakOff()
    drain = { leave, fromBytes: textBytes(), timer: parts.clock.after(drainLimits.ms, breakOff) }
    askedStream?.stop()
    upstream.resume()
  })
  if (askedStream) {
    // It may be long before the first byte: the head does not wait for it.
    client.write(Buffer.alloc(0))
    askedStream.begin(held)
  } else {
    for (const parcel of held) forward(parcel)
    upstream.listen({ parcel: forward, over })
  }
  try {
    await promise
  } finally {
    askedStream?.stop()
  }
}
