import { asGatewayError, type GatewayError } from '../../canonical/error.ts'
import { noUsage } from '../../canonical/usage.ts'
import type { UpstreamCall } from '../../providers/provider.ts'
import type { Target } from '../../routing/plan.ts'
import type { AttemptMeter, Declared } from '../attempt-meter.ts'
import type { Hold } from '../budget.ts'
import type { Exchange } from '../exchange.ts'
import { authorized } from '../leaving-call.ts'
import type { Launch, Meter } from '../meter.ts'
import type { Parts } from '../parts.ts'
import type { Snapshot } from '../snapshot.ts'
import { CarriedAnswer, type CarriedOpened } from './carried-answer.ts'
import { dialectOf, type CarriedExchange } from './carried-exchange.ts'
import type { Destination } from './destination.ts'
import { unanswered } from './outcome.ts'
import type { CarriedFamily, CarriedRoute } from './routes.ts'
import { openHeld } from './set-aside.ts'

/** What every send of one exchange has in common. */
export interface Carrying {
  readonly exchange: Exchange
  /** Whose API is spoken. */
  readonly family: CarriedFamily
  readonly meter: Meter
  readonly snapshot: Snapshot
  readonly parts: Parts
}

/** The same on a path of the table. */
export interface CarryingRoute extends Carrying {
  readonly exchange: CarriedExchange
}

/** One call to a provider. */
export interface Sending {
  readonly destination: Destination
  readonly method: CarriedRoute['method']
  /** With its query. */
  readonly path: string
  readonly body: Buffer
  /** `undefined`: JSON. */
  readonly contentType?: string | undefined
  /** Further headers, by name. */
  readonly headers?: Readonly<Record<string, string>>
  /** Whether a good answer with this content type passes as it comes. A stream of events always does. */
  flows(contentType: string): boolean
  /** Its headers ask for a part, or for what has changed: a 304 or a 416 is an answer to that. */
  readonly isConditional?: boolean
  /** What a 404 of the provider means. */
  readonly notFound: GatewayError | undefined
  readonly hold: Hold | undefined
  readonly declared: Declared
  /** Why it goes there. */
  readonly reason: string
  /** What a batch asks: its entry of the catalog, and the name there. Absent: it asks no model. */
  readonly model?: Launch['model']
  readonly modelName?: string | undefined
}

export interface Sent {
  readonly opened: CarriedOpened
  readonly answer: CarriedAnswer
  readonly account: AttemptMeter
}

/** What costs nothing. */
export const free: Declared = { usage: noUsage, costNanos: 0n }

/**
 * Sends one call to the one provider that it can go to, with an intent before its first byte leaves. Where an idle connection was
 * found dead before anything came back, it is sent once more over a new one, since no other place could serve it.
 */
export async function send(carrying: Carrying, sending: Sending): Promise<Sent> {
  const first = await sendOnce(carrying, sending, false)
  const { opened, account } = first
  if (opened.kind !== 'failed' || opened.failure.class !== 'stale' || sending.hold) return first
  account.judged('same-target: the connection was stale')
  settleFailure(first, false)
  return sendOnce(carrying, { ...sending, reason: `${sending.reason}, after a stale connection` }, true)
}

/** Settles what came to nothing. */
export function settleFailure({ opened, account, answer }: Sent, isLast: boolean): void {
  const failure = opened.kind === 'failed' ? opened.failure : undefined
  const failureClass = failure?.class ?? (answer.wasSent ? 'unknown' : 'not-sent')
  account.settle(unanswered(failureClass, failure?.problem, failure?.httpStatus, isLast))
}

async function sendOnce(carrying: Carrying, sending: Sending, mustConnectAnew: boolean): Promise<Sent> {
  const { exchange, meter, snapshot, parts } = carrying
  const { destination, hold, declared, reason } = sending
  const { provider, credential } = destination
  const kind = mustConnectAnew ? 'retry' : 'first'
  const target = targetOf(carrying, destination, reason, sending.modelName)
  const launch = { target, model: sending.model, credential, reason, kind, hold, declared } as const
  const account = openHeld(launch, meter, parts)
  const answer = new CarriedAnswer({
    clock: parts.clock,
    deadlines: snapshot.deadlines,
    dialect: exchange.endpoint.dialect,
    flows: (contentType) => sending.flows(contentType),
    secret: credential.secret,
    notFound: sending.notFound,
    isConditional: sending.isConditional === true,
    onFirstByte: () => account.firstByte(),
  })
  try {
    await parts.usage.written()
  } catch (thrown) {
    answer.abandon()
    const failure = { class: 'not-sent', problem: asGatewayError(thrown), httpStatus: undefined, isOurs: true } as const
    return { opened: { kind: 'failed', failure }, answer, account }
  }
  exchange.client.gone(() => answer.abandon())
  exchange.client.stopped((problem) => answer.breakOff(problem))
  answer.awaitFirstByte()
  const call: UpstreamCall = {
    origin: provider.origin,
    provider: provider.name,
    network: provider.network,
    method: sending.method,
    path: sending.path,
    headers: headersOf(carrying, sending),
    body: sending.body,
    mustConnectAnew,
  }
  const mayLeave = provider.authorize ? await authorized(call, provider, credential, answer, parts) : call
  if ('kind' in mayLeave) return { opened: mayLeave, answer, account }
  if (!answer.isOver) {
    account.leaves()
    answer.connect(parts.upstream.send(mayLeave, answer))
  }
  return { opened: await answer.opened, answer, account }
}

/** Its own set, and in it what says how the body is to be read: what is carried is not always JSON. */
function headersOf(
  { exchange, family }: Carrying,
  { destination, body, contentType, headers = {} }: Sending,
): readonly string[] {
  const { provider, credential } = destination
  const own = provider.headers(dialectOf[family], credential, (name) => exchange.headers.one(name))
  const set: string[] = []
  for (let place = 0; place < own.length; place += 2) {
    const [name = '', value = ''] = own.slice(place, place + 2)
    if (name === 'content-type' && body.length === 0) continue
    set.push(name, name === 'content-type' ? (contentType ?? value) : name === 'accept' ? '*/*' : value)
  }
  return [...set, ...Object.entries(headers).flat()]
}

export function targetOf({ family }: Carrying, { provider }: Destination, reason: string, modelName = ''): Target {
  return {
    // Health goes by models, and none is asked now: what is carried neither opens a circuit nor waits for one.
    id: `${provider.name}/`,
    provider,
    modelName,
    dialect: dialectOf[family],
    abilities: { lacks: new Set(), contextTokens: undefined, outputTokens: undefined, imageTokens: undefined },
    defaultOutputCapTokens: undefined,
    reason,
  }
}
