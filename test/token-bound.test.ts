import { createParser } from 'eventsource-parser'
import { describe, expect, it } from 'vitest'
import { listedContextTokens } from '../src/accounting/context-window.ts'
import { knownImageTokens } from '../src/accounting/image-tokens.ts'
import { openPriceBook } from '../src/accounting/price-book.ts'
import { boundTokens, type TokenBound } from '../src/accounting/token-bound.ts'
import { worstCostOf } from '../src/accounting/worst-cost.ts'
import { dearKindsIn } from '../src/accounting/worst-kinds.ts'
import { GatewayError } from '../src/canonical/error.ts'
import { isJsonObject, type Json, type JsonObject } from '../src/canonical/json.ts'
import { inputTokensOf, outputTokensOf, type Usage } from '../src/canonical/usage.ts'
import { dialects } from '../src/dialects/all.ts'
import { answerBytes, recordings, reportMissingCorpus, eventBytes, type Recording } from './corpus.ts'
import exceptions from './token-bound.exceptions.json' with { type: 'json' }

/**
 * I3: what is set aside for a call is a bound. For every recorded call whose answer told its usage: the input is at most
 * the bound made from the call alone, and so is the output, where the call set a cap.
 */
const dialectOf = {
  chat: dialects['openai-chat'],
  messages: dialects['anthropic-messages'],
  responses: dialects['openai-responses'],
  'cohere-chat': dialects['cohere-chat'],
  completions: dialects['openai-completions'],
  'ollama-chat': dialects['ollama-chat'],
  embeddings: dialects['openai-embeddings'],
} as const
type Api = keyof typeof dialectOf
const apis: readonly Api[] = [
  'chat',
  'messages',
  'responses',
  'cohere-chat',
  'completions',
  'ollama-chat',
  'embeddings',
]
const providersOfList = new Set(apis.flatMap((api) => recordings(api).map(({ provider }) => provider)))

interface Finding {
  readonly key: string
  readonly api: Api
  readonly bound: TokenBound
  readonly usage: Usage
  readonly hasCap: boolean
  /** In nano-dollars; `undefined` where there is no bound or no list price. */
  readonly costs: { readonly worst: bigint; readonly actual: bigint } | undefined
}

const prices = openPriceBook({
  overrides: {},
  files: [],
  priceProviders: new Map([...providersOfList].map((id) => [id, id])),
})
const listedAtMs = Date.UTC(2026, 10, 1)

describe('the most a call can use', () => {
  const findings = apis.flatMap((api) => recordings(api).flatMap((recording) => examine(api, recording)))
  if (findings.length === 0) reportMissingCorpus('the bound of tokens')

  it('I3 is at least what every recorded call used, but for the exceptions with a reason', () => {
    console.log(tableOf(findings))
    const broken = findings.filter(isBroken).map(({ key }) => key)
    const excused = (exceptions as readonly { readonly reason: string; readonly ids: readonly string[] }[]).flatMap(
      ({ ids }) => ids,
    )
    expect(broken.filter((key) => !excused.includes(key))).toEqual([])
    if (findings.length > 0) expect(excused.filter((key) => !broken.includes(key))).toEqual([])
    for (const { reason } of exceptions) expect(reason.length).toBeGreaterThan(40)
  })

  it('I3 costs at least what every recorded call with a cap cost, at list prices', () => {
    const priced = findings.filter(({ costs, hasCap }) => costs !== undefined && hasCap)
    const excused = (exceptions as readonly { readonly ids: readonly string[] }[]).flatMap(({ ids }) => ids)
    const broken = priced.filter(({ key, costs }) => costs && costs.worst < costs.actual && !excused.includes(key))
    console.log(`cost bounds: ${priced.length} calls with a cap and a list price, broken ${broken.length}`)
    expect(broken.map(({ key }) => key)).toEqual([])
    if (findings.length > 0) expect(priced.length).toBeGreaterThan(300)
  })

  it('is said to be unbounded only where the provider may go on by itself', () => {
    const wrong = findings.filter(
      ({ bound }) => bound.kind === 'unbounded' && !/ runs at the provider | reads /.test(bound.why),
    )
    expect(wrong.map(({ key }) => key)).toEqual([])
    const share = findings.filter(({ bound }) => bound.kind === 'unbounded').length / Math.max(1, findings.length)
    expect(share).toBeLessThan(0.1)
  })
})

function examine(api: Api, recording: Recording): readonly Finding[] {
  const body = recording.request?.body as Json | undefined
  if (!isJsonObject(body) || typeof body['model'] !== 'string' || recording.response.status !== 200) return []
  // What Weir refuses is never sent, and needs no bound.
  if (isRefused(api, body)) return []
  const usage = usageOf(api, recording, body)
  if (usage === undefined || recording.response.encoding !== 'utf8') return []
  const dialect = dialectOf[api]
  const call = dialect.readCall(body)
  const bytes = Buffer.from(JSON.stringify(body))
  const extent = dialect.readExtent(body)
  const bound = boundTokens(extent, bytes.length, call.outputCapTokens ?? 0, call.choiceCount, {
    contextTokens: listedContextTokens(recording.provider, body['model']),
    imageTokens: knownImageTokens(body['model']),
  })
  const found = prices.priceFor(recording.provider, recording.provider, [body['model']], listedAtMs)
  const costs =
    bound.kind === 'bounded' && found.kind === 'priced'
      ? {
          worst: worstCostOf(found.price, {
            ...bound,
            webSearches: (extent.rounds ?? 1) - 1,
            ...dearKindsIn(body, extent, found.price),
          }),
          actual: found.price.costOf(usage),
        }
      : undefined
  const hasCap = call.outputCapTokens !== undefined || dialect.operation === 'embeddings'
  return [{ key: `${api}/${recording.id}`, api, bound, usage, hasCap, costs }]
}

function isRefused(api: Api, body: JsonObject): boolean {
  try {
    dialectOf[api].readCall(body)
    return false
  } catch (thrown) {
    if (thrown instanceof GatewayError) return true
    throw thrown
  }
}

function isBroken({ bound, usage, hasCap }: Finding): boolean {
  if (bound.kind === 'unbounded') return false
  return inputTokensOf(usage) > bound.inputTokens || (hasCap && outputTokensOf(usage) > bound.outputTokens)
}

function usageOf(api: Api, recording: Recording, body: JsonObject): Usage | undefined {
  const dialect = dialectOf[api]
  const stream = eventBytes(recording)
  if (stream === undefined) return dialect.readReply(parsed(answerBytes(recording).toString())).usage
  const reader = dialect.openStream(dialect.readCall({ ...body, stream: true }))
  createParser({ onEvent: ({ event, data }) => void reader.read(event ?? '', Buffer.from(data)) }).feed(
    stream.toString(),
  )
  return reader.facts().usage
}

function parsed(text: string): Json {
  try {
    const value: Json = JSON.parse(text)
    return value
  } catch {
    // A web page: it tells no usage.
    return null
  }
}

function tableOf(findings: readonly Finding[]): string {
  const lines = apis.map((api) => {
    const group = findings.filter((finding) => finding.api === api)
    const bounded = group.flatMap(({ bound, usage }) =>
      bound.kind === 'bounded' && inputTokensOf(usage) > 0 ? [bound.inputTokens / inputTokensOf(usage)] : [],
    )
    const capped = group.filter(({ hasCap }) => hasCap)
    return `${api.padEnd(12)} calls ${group.length}, bounded ${bounded.length}, with an output cap ${capped.length}, broken ${group.filter(isBroken).length}, median of input bound / input ${median(bounded).toFixed(1)}`
  })
  return ['token bounds', ...lines].join('\n')
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? Number.NaN
}
