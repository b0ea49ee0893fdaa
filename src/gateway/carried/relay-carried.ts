import type { JsonObject } from '../../canonical/json.ts'
import type { UsageRecord } from '../../canonical/usage-record.ts'
import { noUsage } from '../../canonical/usage.ts'
import { ClientGone } from '../exchange.ts'
import { exchangeHeaders } from '../headers.ts'
import type { Outcome, OutcomeFacts } from '../attempt-meter.ts'
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
    outcome('ok', opened.kind === 'whole' || opened.kind === 'flow' ? opened.head.status : undefined, facts),
  )
}

/** @throws whatever it came to, where that is no answer; settled. */
export function refuseFailure(sent: Sent): void {
  const { opened } = sent
  if (opened.kind === 'whole' || opened.kind === 'flow') return
  settleFailure(sent, true)
  throw opened.kind === 'failed' ? opened.failure.problem : new ClientGone()
}

/** Brings a whole answer to the client. Its record is safe by then (I10). */
export async function relayWhole(
  { exchange, meter, parts }: Carrying,
  sent: Sent,
  provider: string,
  body: Buffer,
  headers: readonly string[] = [],
): Promise<void> {
  await parts.usage.written()
  const { client } = exchange
  if (client.isGone) return
  client.head(200, [
    ...exchangeHeaders(exchange, meter),
    'content-type',
    contentTypeOf(sent) ?? 'application/json',
    'x-weir-provider',
    provider,
    ...headers,
    'content-length',
    String(body.length),
  ])
  client.end(body)
  meter.told(200, undefined)
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

/** Brings an answer to the client as it comes. A slow reader holds up its own provider, not our memory. */
export async function relayFlow(
  { exchange, meter, parts }: Carrying,
  sent: Sent,
  provider: string,
  facts: () => OutcomeFacts | undefined,
  ear: FlowEar = {},
): Promise<void> {
  const { client } = exchange
  const { answer, account, opened } = sent
  const status = opened.kind === 'flow' ? opened.head.status : undefined
  client.head(200, [
    ...exchangeHeaders(exchange, meter),
    'content-type',
    contentTypeOf(sent) ?? 'application/octet-stream',
    'x-weir-provider',
    provider,
  ])
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  client.gone(() => {
    answer.abandon()
    account.settle(outcome('aborted', status, facts()))
    resolve()
  })
  answer.listen({
    bytes: (bytes) => {
      ear.take?.(bytes)
      meter.sent(bytes.length)
      if (client.write(bytes)) return
      answer.pause()
      client.drained(() => answer.resume())
    },
    over: (problem) => {
      account.settle({ ...outcome(problem ? 'truncated' : 'ok', status, facts()), errorKind: problem?.kind })
      meter.told(200, problem)
      const heard = problem ? Promise.resolve() : Promise.resolve(ear.whole?.())
      heard
        .then(() => parts.usage.written())
        .then(() => {
          // A cut must not look like an end.
          if (problem) client.breakOff()
          else client.end()
          resolve()
        }, reject)
    },
  })
  await promise
}

function outcome(
  status: 'ok' | 'truncated' | 'aborted',
  httpStatus: number | undefined,
  facts: OutcomeFacts | undefined,
): Outcome {
  return {
    status,
    errorKind: undefined,
    failureClass: status === 'ok' ? undefined : 'partial',
    httpStatus,
    facts,
    answerLosses: [],
    isLast: true,
  }
}

/** What the provider says the bytes are; nothing else of its headers passes. */
function contentTypeOf({ opened }: Sent): string | undefined {
  const told = opened.kind === 'whole' || opened.kind === 'flow' ? opened.head.header('content-type') : undefined
  return told !== undefined && /^[\x20-\x7e]{1,200}$/.test(told) ? told : undefined
}
