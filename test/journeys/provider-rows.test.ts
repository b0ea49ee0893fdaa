import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { systemClock } from '../../src/canonical/clock.ts'
import { noUsage, usageComponents } from '../../src/canonical/usage.ts'
import { providerRows } from '../../src/providers/openai-compatible/row-kinds.ts'
import { rowPaths } from '../../src/providers/openai-compatible/row.ts'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { startReplay, type ReplayUpstream } from '../replay-upstream.ts'

/** Recorded exchanges with providers that are rows, played through a whole gateway over real sockets. */
const golden = z.strictObject({
  kind: z.string(),
  recordedOn: z.iso.date(),
  /** Who recorded it, under which licence, and how faithfully. */
  source: z.string(),
  call: z.strictObject({ host: z.string(), path: z.string(), body: z.string() }),
  answer: z.strictObject({ status: z.int(), contentType: z.string(), body: z.string() }),
  /** Worked out by hand from the answer: components that do not overlap; those that are absent are 0. */
  usage: z.partialRecord(z.enum(usageComponents), z.int()),
  /** By hand, from the list's rates or what the answer says of its cost. `null`: no list has a price. */
  costNanos: z.string().nullable(),
})

const folder = resolve(import.meta.dirname, '../golden')
const cases = readdirSync(folder).map((file) => ({
  name: file.replace(/\.json$/, ''),
  ...golden.parse(JSON.parse(readFileSync(join(folder, file), 'utf8'))),
}))
const rows = Object.entries(providerRows)

describe('golden cases of providers that are rows', () => {
  let upstream: ReplayUpstream
  let weir: RunningGateway
  /** Lists have prices for days, and for hours of the day: each call is made on its day at noon. */
  let nowMs = Date.now()

  beforeAll(async () => {
    upstream = await startReplay()
    const providers = rows.map(
      ([kind, { baseUrl }]) =>
        `  ${kind}: { kind: ${kind}, baseUrl: "${upstream.origin}${pathOf(baseUrl)}", credentials: { apiKey: env:KEY } }`,
    )
    const models = cases.map(
      ({ kind, call }) =>
        `  "${modelOf(call.body)}": { targets: [{ provider: ${kind}, model: "${modelOf(call.body)}" }], retry: { maxAttempts: 1 } }`,
    )
    weir = await startGateway({
      clock: { ...systemClock, nowMs: () => nowMs },
      env: { KEY: 'key-of-ours' },
      config: ['providers:', ...providers, 'models:', ...new Set(models)].join('\n'),
    })
  })

  afterAll(async () => {
    await weir.close()
    await upstream.close()
  })

  it.each(cases)('$name goes out and comes back byte for byte, with its usage and its price', async (one) => {
    const { kind, call, answer, usage, costNanos } = one
    nowMs = Date.parse(`${one.recordedOn}T12:00:00Z`)
    upstream.answer({
      status: answer.status,
      headers: { 'content-type': answer.contentType },
      body: Buffer.from(answer.body),
    })
    const asked = weir.finished.length
    const told = await fetch(`${weir.gateway.dataOrigin}/v1${endpointOf(call.path)}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${weir.key}`, 'content-type': 'application/json' },
      body: call.body,
    })
    expect([told.status, await told.text()]).toEqual([answer.status, withoutUnaskedUsage(call.body, answer.body)])
    const sent = upstream.seen.at(-1)
    expect(sent?.path).toBe(call.path)
    expect(sent?.headers['authorization']).toBe('Bearer key-of-ours')
    expect(sent?.body.toString()).toBe(withWishForUsage(kind, call.body))
    await weir.ended(asked + 1)
    expect(weir.finished.at(-1)?.records[0]).toMatchObject({
      ...noUsage,
      ...usage,
      usageSource: 'provider',
      status: 'ok',
      provider: kind,
    })
    expect(weir.finished.at(-1)?.records[0]?.costNanos).toBe(costNanos === null ? undefined : BigInt(costNanos))
  })

  it.each(cases)('$name was recorded where the row says', ({ kind, call }) => {
    const row = rows.find(([name]) => name === kind)?.[1]
    expect(row?.speaks.map((dialect) => `${pathOf(row.baseUrl)}${rowPaths[dialect]}`)).toContain(call.path)
    // The port of one's own server is one's own.
    if (!call.host.startsWith('localhost:')) expect(row && new URL(row.baseUrl).host).toBe(call.host)
  })

  it('are there for every row that says it is verified, of that day, and for no other', () => {
    const verified = rows.flatMap(([kind, { recordedOn }]) =>
      recordedOn === undefined ? [] : [`${kind} ${recordedOn}`],
    )
    const days = new Set(cases.map(({ kind, recordedOn }) => `${kind} ${recordedOn}`))
    expect(verified.filter((one) => !days.has(one))).toEqual([])
    const kinds = new Set(cases.map(({ kind }) => kind))
    expect([...kinds].toSorted()).toEqual(verified.map((one) => one.split(' ')[0]).toSorted())
  })
})

function pathOf(url: string): string {
  return new URL(url).pathname.replace(/\/$/, '')
}

function endpointOf(path: string): string {
  return Object.values(rowPaths).find((end) => path.endsWith(end)) ?? path
}

function modelOf(body: string): string {
  return z.looseObject({ model: z.string() }).parse(JSON.parse(body)).model
}

/** A chunk with usage and nothing else is not for a client that did not ask for it. */
function withoutUnaskedUsage(asked: string, answer: string): string {
  if (asked.includes('stream_options')) return answer
  return answer
    .split(/(?<=\n\n)/)
    .filter((frame) => !frame.includes('"choices":[],'))
    .join('')
}

/** A streamed chat is asked to tell its usage, unless the client has asked or the provider refuses the question. */
function withWishForUsage(kind: string, body: string): string {
  const row = rows.find(([name]) => name === kind)?.[1]
  const isStream = body.includes('"stream":true')
  if (!isStream || body.includes('stream_options') || row?.refuses?.includes('stream_options')) return body
  return `${body.slice(0, -1)},"stream_options":{"include_usage":true}}`
}
