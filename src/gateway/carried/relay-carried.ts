import type { JsonObject } from '../../canonical/json.ts'
import type { UsageRecord } from '../../canonical/usage-record.ts'
import { noUsage } from '../../canonical/usage.ts'
import { GatewayError } from '../../canonical/error.ts'
import { framingOf } from '../../wire/framing.ts'
import { ClientGone } from '../exchange.ts'
import { exchangeHeaders } from '../headers.ts'
import type { OutcomeFacts } from '../attempt-meter.ts'
import { answerLimits } from '../upstream-answer.ts'
import { isHeadAlone, type AnswerHead } from './carried-answer.ts'
import type { CarriedGuard } from './guard-carried.ts'
import { notModified } from './conditions.ts'
import { answered } from './outcome.ts'
import { passedHeaders } from './passed-headers.ts'
import { settleFailure, type Carrying, type Sent } from './send.ts'

/** Nothing was used: what the record of something free says. */
export const nothingUsed: OutcomeFacts = {
  usage: noUsage,
  isUsageFinal: true,
  responseModel: undefined,
  providerCostNanos: undefined,
  textBytes: 0,
  contentFrames: 0,
}

/** Settles an answer that came whole. @param facts `undefined`: it counts as what is declared for it. */
export function settleWhole({ account, opened }: Sent, facts: OutcomeFacts | undefined): UsageRecord {
  return account.settle(
    answered('ok', opened.kind === 'whole' || opened.kind === 'flow' ? opened.head.status : undefined, facts),
  )
}

/** @throws whatever it came to, where that is no answer; settled. */
export function refuseFailure(sent: Sent): void {
  const { opened } = sent
  if (opened.kind === 'whole' || opened.kind === 'flow') return
  settleFailure(sent, true)
  throw opened.kind === 'failed' ? opened.failure.problem : new ClientGone()
}

/** How an answer begins for the client. */
export interface AnswerStart {
  readonly head: AnswerHead
  /** Whose answer it is: the name in the config. */
  readonly provider: string
  /** What the client is told beside: a flat list of headers. */
  readonly headers: readonly string[]
  readonly guard: CarriedGuard
}

/** Brings a whole answer to the client. Its record is safe by then (I10). */
export async function relayWhole(
  { exchange, meter, parts }: Carrying,
  start: AnswerStart,
  body: Buffer,
): Promise<void> {
  await parts.usage.written()
  const { client } = exchange
  if (client.isGone) return
  const { status } = start.head
  const type = isHeadAlone(status) ? undefined : (start.head.tellable('content-type') ?? 'application/json')
  // With 204 and 304 there is no length to tell, not even none.
  const sizeBytes = status === 204 || status === notModified ? undefined : body.length
  client.head(status, carriedHeaders({ exchange, meter }, start, type, sizeBytes))
  client.end(body)
  meter.told(status, undefined)
  meter.sent(body.length)
}

/** Answers with what was put together here. */
export async function answerValue({ exchange, meter, parts }: Carrying, value: JsonObject): Promise<void> {
  await parts.usage.written()
  const body = Buffer.from(JSON.stringify(value))
  const headers = ['content-type', 'application/json', 'content-length', String(body.length)]
  exchange.client.head(200, [...exchangeHeaders(exchange, meter), ...headers])
  exchange.client.end(body)
  meter.told(200, undefined)
  meter.sent(body.length)
}

/** Whoever hears what passes. */
export interface FlowEar {
  take?(bytes: Buffer): void
  /** All has come; the client is told that it ends when this resolves. */
  whole?(): Promise<void>
}

/**
 * Brings an answer to the client as it comes. A slow reader holds up its own provider, not our memory. Where a guardrail looks at it, it
 * is kept until it is whole.
 * @throws GatewayError `guardrail_blocked`, before anything of it is shown.
 */
export async function relayFlow(
  { exchange, meter, parts }: Carrying,
  { answer, account }: Sent,
  start: AnswerStart,
  facts: () => OutcomeFacts | undefined,
  ear: FlowEar = {},
): Promise<void> {
  const { client } = exchange
  const { head, guard } = start
  const { status } = head
  const type = head.tellable('content-type') ?? 'application/octet-stream'
  const kept = guard.looksAtAnswers ? new KeptBytes() : undefined
  const begin = (sizeBytes: number | undefined) =>
    client.head(status, carriedHeaders({ exchange, meter }, start, type, sizeBytes))
  const isEvents = framingOf(type) === 'sse'
  const sizeBytes = kept || isEvents ? undefined : sizeOf(head)
  if (!kept) begin(sizeBytes)
  let toComeBytes = sizeBytes ?? Infinity
  let last: Buffer | undefined
  let told: (() => Buffer) | undefined
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  client.gone(() => {
    answer.abandon()
    account.settle(answered('aborted', status, facts()))
    resolve()
  })
  answer.listen({
    bytes: (bytes) => {
      ear.take?.(bytes)
      if (kept) return kept.add(bytes)
      meter.sent(bytes.length)
      toComeBytes -= bytes.length
      // By its size the client knows these for the end: they wait for the record (I10).
      if (toComeBytes <= 0) return void (last = bytes)
      if (client.write(bytes)) return
      answer.pause()
      client.drained(() => answer.resume())
    },
    over: (problem) => {
      if (kept && !problem) told = guard.lookAt(() => kept.whole(isEvents))
      account.settle(answered(problem ? 'truncated' : 'ok', status, facts(), problem))
      meter.told(status, problem)
      const heard = problem ? Promise.resolve() : Promise.resolve(ear.whole?.())
      heard
        .then(() => parts.usage.written())
        .then(() => {
          if (kept) return problem ? reject(problem) : resolve()
          // A cut must not look like an end.
          if (problem) client.breakOff()
          else client.end(last)
          resolve()
        })
        .catch((thrown: unknown) => {
          // Only among events is there a way to say it: other bytes would seem to be whole.
          if (!kept && !isEvents) client.breakOff()
          reject(thrown)
        })
    },
  })
  await promise
  if (!told || client.isGone) return
  const bytes = told()
  begin(bytes.length)
  client.end(bytes)
  meter.sent(bytes.length)
}

/** An answer that is looked at when it is whole. */
class KeptBytes {
  readonly #chunks: Buffer[] = []
  #sizeBytes = 0

  add(bytes: Buffer): void {
    this.#sizeBytes += bytes.length
    if (this.#sizeBytes <= answerLimits.wholeBytes) this.#chunks.push(Buffer.from(bytes))
    else this.#chunks.length = 0
  }

  /** @throws GatewayError `guardrail_blocked` where it is too long to be looked at, or tells its texts in pieces. */
  whole(isEvents: boolean): Buffer {
    if (isEvents)
      throw new GatewayError(
        'guardrail_blocked',
        'a guardrail looks at the answer, and a stream of events cannot be looked at on a path that is carried: ask for it as a whole',
      )
    if (this.#sizeBytes > answerLimits.wholeBytes)
      throw new GatewayError(
        'guardrail_blocked',
        `a guardrail looks at the answer, and no more than ${answerLimits.wholeBytes} bytes of it can be looked at`,
      )
    return Buffer.concat(this.#chunks)
  }
}

/** What the provider says the bytes are, and how to take them; nothing else of its headers passes. */
function carriedHeaders(
  { exchange, meter }: Pick<Carrying, 'exchange' | 'meter'>,
  { head, provider, headers, guard }: AnswerStart,
  type: string | undefined,
  sizeBytes: number | undefined,
): string[] {
  const told = [...exchangeHeaders(exchange, meter), 'x-weir-provider', provider]
  told.push(...passedHeaders(head, !guard.looksAtAnswers), ...headers)
  if (type !== undefined) told.push('content-type', type)
  if (sizeBytes !== undefined) told.push('content-length', String(sizeBytes))
  return told
}

/** @returns `undefined` where the provider does not say. What it says has been found to be a length (`framing.ts`). */
function sizeOf({ header }: AnswerHead): number | undefined {
  const told = header('content-length')
  return told === undefined ? undefined : Number(told)
}
