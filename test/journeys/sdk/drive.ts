import type { RunningGateway } from '../../gateway-fixture.ts'
import { randomCuts, seededRandom, type Replayed, type ReplayUpstream, type Seen } from '../../replay-upstream.ts'
import type { FinishedExchange } from '../../../src/gateway/hooks.ts'
import type { SdkCase } from './cases.ts'
import { differencesIn, toldDifferences } from './judge.ts'
import { asksForUsage, tellsUsage } from './recorded-stream.ts'
import { isRecord, member, type Driver, type Told } from './told.ts'

/** What an SDK is told, what the provider is sent, and what is counted. */
export type Aspect = 'told' | 'sent' | 'counted'

export interface Finding {
  readonly one: SdkCase
  /** What came of it at the provider itself. */
  readonly outcome: 'answered' | 'failed' | 'objected to by the SDK'
  readonly differences: Readonly<Record<Aspect, readonly string[]>>
}

export interface House {
  readonly upstream: ReplayUpstream
  readonly weir: RunningGateway
  /** The SDK at the replay itself. */
  readonly direct: Driver
  readonly viaGateway: Driver
}

/** Asks each case twice, at the provider and through the gateway, whose bytes are the same but cut at other places. */
export async function drive(cases: readonly SdkCase[], house: House, seed = 1): Promise<readonly Finding[]> {
  const random = seededRandom(seed)
  const findings: Finding[] = []
  for (const one of cases) {
    const direct = await askOnce(one, house.direct, house.upstream, random)
    const ended = house.weir.finished.length
    const gateway = await askOnce(one, house.viaGateway, house.upstream, random)
    if (direct.seen === undefined || gateway.seen === undefined) {
      const [who, { told }] = direct.seen === undefined ? ['the SDK', direct] : ['the gateway', gateway]
      const differences = { told: [], sent: [`${who} sent nothing: ${told.problem?.message}`], counted: [] }
      findings.push({ one, outcome: outcomeOf(direct.told), differences })
      continue
    }
    await house.weir.ended(ended + 1)
    const exchanges = house.weir.finished.slice(ended)
    findings.push({
      one,
      outcome: outcomeOf(direct.told),
      differences: {
        told: await toldDifferences(one, direct.told, gateway.told, house.viaGateway),
        sent: sentDifferences(one, direct.seen, gateway.seen),
        counted: countedDifferences(one, exchanges, gateway.told, house.viaGateway),
      },
    })
  }
  return findings
}

/** A cut for every 60 bytes or so, within reason. */
const mostCuts = 40

async function askOnce(
  one: SdkCase,
  driver: Driver,
  upstream: ReplayUpstream,
  random: () => number,
): Promise<{ readonly told: Told; readonly seen: Seen | undefined }> {
  const { body } = one.answer
  const cuts = randomCuts(body.length, Math.min(mostCuts, Math.ceil(body.length / 60)), random)
  const replayed: Replayed = { ...one.answer, cuts }
  const before = upstream.seen.length
  upstream.answer(replayed)
  const told = await driver.ask(one)
  if (upstream.seen.length === before + 1) return { told, seen: upstream.seen[before] }
  // What nobody fetched must not answer the next one.
  if (upstream.seen.length === before) await (await fetch(upstream.origin)).arrayBuffer()
  return { told, seen: undefined }
}

function outcomeOf({ problem }: Told): Finding['outcome'] {
  if (problem === undefined) return 'answered'
  return problem.isOfProvider ? 'failed' : 'objected to by the SDK'
}

/** The body is the client's own, but that a stream is always asked for its usage; what gives it meaning travels along. */
function sentDifferences(one: SdkCase, direct: Seen, gateway: Seen): readonly string[] {
  const [asked, sent] = [direct.body.toString('utf8'), gateway.body.toString('utf8')]
  const value: unknown = JSON.parse(asked)
  const differences = [...differencesIn('beta', direct.headers['anthropic-beta'], gateway.headers['anthropic-beta'])]
  if (one.api !== 'chat' || !one.isStream || asksForUsage(value))
    return [...differences, ...(asked === sent ? [] : differencesIn('bytes', asked, sent))]
  const options = member(value, 'stream_options')
  if (options === undefined)
    return [...differences, ...differencesIn('bytes', `${asked.slice(0, -1)},${usageOption}}`, sent)]
  const expected = {
    ...(isRecord(value) ? value : {}),
    stream_options: { ...(isRecord(options) ? options : {}), include_usage: true },
  }
  return [...differences, ...differencesIn('body', expected, JSON.parse(sent))]
}

const usageOption = '"stream_options":{"include_usage":true}'

function countedDifferences(
  one: SdkCase,
  exchanges: readonly FinishedExchange[],
  told: Told,
  driver: Driver,
): readonly string[] {
  const [exchange] = exchanges
  const [record] = exchange?.records ?? []
  if (exchange === undefined || record === undefined || exchanges.length + exchange.records.length !== 2)
    return [`${exchanges.length} exchanges ended, the first with ${exchange?.records.length} records`]
  const differences: string[] = []
  // In its own objections the AI SDK does not say which answer it objects to.
  if (driver.tellsRequestIds !== false && told.problem?.isOfProvider !== false)
    differences.push(...differencesIn('request id', exchange.id, told.requestId))
  if (record.requestedModel !== one.body['model']) differences.push(`recorded for model ${record.requestedModel}`)
  if (one.answer.status >= 400 && record.status !== 'failed') differences.push(`a failure counted as ${record.status}`)
  // With a problem there is no whole answer to count: the provider's, or the SDK's own, which then hangs up.
  if (tellsUsage(one) && told.problem === undefined) {
    if (record.usageSource !== 'provider') differences.push(`usage is ${record.usageSource}`)
    if (record.status !== 'ok') differences.push(`counted as ${record.status}`)
  }
  return differences
}
