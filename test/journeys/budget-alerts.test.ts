import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { retryAfterMs } from '../../src/alerts/deliver.ts'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { startReplay, type ReplayUpstream } from '../replay-upstream.ts'
import { turnedClock, type TurnedClock } from '../turned-clock.ts'
import { printed } from '../run-command.ts'

/* A budget that fills: those who should know are told, once, whatever is restarted or unreachable. */

const secret = `whsec_${Buffer.alloc(32, 5).toString('base64')}`
let dir: string
let clock: TurnedClock
let upstream: ReplayUpstream
let receiver: Receiver
let weir: RunningGateway

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'weir-alerts-'))
  // Whoever verifies a signature looks at its age; the retries of a test fit into the five minutes around now.
  clock = turnedClock(Date.now() - 150_000)
  upstream = await startReplay()
  receiver = await startReceiver()
  weir = await start()
})

afterEach(async () => {
  await weir.close()
  await receiver.close()
  await upstream.close()
  rmSync(dir, { recursive: true })
})

const config = () => `
providers:
  replay: { kind: openai-compatible, baseUrl: "${upstream.origin}/v1", prices: { m1: { input: "1", output: "1" } } }
models:
  m: { targets: [{ provider: replay, model: m1 }], retry: { maxAttempts: 1 } }
organisations:
  default:
    budgets:
      all: { usd: "0.1", per: total, alertsAt: [5, 8] }
      calls: { calls: 1000, per: total }
      time: { seconds: 100000, per: total, by: user, missing: share, alertsAt: [50] }
alerts:
  finance: { url: "${receiver.origin}/hook?token=not-for-logs", secret: env:ALERT_SECRET }
`

const start = () => startGateway({ config: config(), clock, dir, env: { ALERT_SECRET: secret } })

describe('alerts of a budget', () => {
  it('are sent signed, each threshold once, and not again after a restart', async () => {
    const { key } = weir
    await spend(key, 4_999)
    await spend(key, 1)
    clock.turn(1_000)
    const [first] = await receiver.taken(1)
    expect(first?.path).toBe('/hook?token=not-for-logs')
    expect(verified(first)).toMatchObject({
      type: 'budget.threshold',
      data: { budget: 'organisation default/all', percent: 5, cap: '0.100000000', spent: '0.005000000' },
    })
    await spend(key, 10)
    clock.turn(1_000)
    await weir.close()
    weir = await start()
    await spend(key, 3_000)
    clock.turn(1_000)
    const all = await receiver.taken(2)
    expect(verified(all[1])).toMatchObject({ data: { percent: 8, spent: '0.008010000' } })
    expect(receiver.seen).toHaveLength(2)
    expect(weir.logged()).not.toContain('not-for-logs')
    expect(weir.logged()).not.toContain(secret)
  })

  it('are sent again, later and later, until they are taken: under the same id, with a signature of their own', async () => {
    receiver.answers = [500, 503, 200]
    await spend(weir.key, 6_000)
    clock.turn(1_000)
    await receiver.taken(1)
    for (const [place, waitMs] of retryAfterMs.slice(0, 2).entries()) {
      await logged(`"attempts":${place + 1},"why"`)
      clock.turn(waitMs - 1)
      expect(receiver.seen).toHaveLength(place + 1)
      await takenByTurning(place + 2)
    }
    await logged('an alert was delivered')
    expect(new Set(receiver.seen.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(new Set(receiver.seen.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(3)
    for (const one of receiver.seen) expect(verified(one, clock.nowMs())).toMatchObject({ data: { percent: 5 } })
  })

  it('what was not delivered when the gateway ended is sent by the next one', async () => {
    receiver.answers = [500]
    await spend(weir.key, 6_000)
    clock.turn(1_000)
    await receiver.taken(1)
    await logged('it is sent again')
    await weir.close()
    clock.turn(retryAfterMs[0] ?? 0)
    weir = await start()
    await takenByTurning(2)
    await logged('an alert was delivered')
  })

  it('a receiver that is gone is not told again', async () => {
    receiver.answers = [410]
    await spend(weir.key, 6_000)
    clock.turn(1_000)
    await receiver.taken(1)
    await logged('given up')
    clock.turn(400_000)
    expect(receiver.seen).toHaveLength(1)
  })

  it('a cap that is lowered below a threshold is seen with the next look at everything', async () => {
    await spend(weir.key, 4_000)
    const lowered = JSON.stringify({ budget: 'organisation default/all', cap: '0.05' })
    expect((await weir.admin('/api/budgets/caps', { method: 'POST', body: lowered })).status).toBe(200)
    clock.turn(1_000)
    expect(receiver.seen).toEqual([])
    clock.turn(300_000)
    const all = await receiver.taken(2)
    expect(all.map(({ body }) => (JSON.parse(body) as Event).data['percent']).toSorted()).toEqual([5, 8])
    expect(JSON.parse(all[0]?.body ?? '')).toMatchObject({ data: { cap: '0.050000000', spent: '0.004000000' } })
  })

  it('time that passes by itself reaches a threshold too', async () => {
    await spend(weir.key, 1)
    clock.setWall(clock.nowMs() + 49_700_000)
    clock.turn(300_000)
    const [first] = await receiver.taken(1)
    expect(JSON.parse(first?.body ?? '')).toMatchObject({
      data: { name: 'time', unit: 'seconds', percent: 50, spent: '50000' },
    })
  })

  it('I3: a provider that charges beyond the bound is told as what it is', async () => {
    await spend(weir.key, 9_000)
    clock.turn(1_000)
    const all = await receiver.taken(3)
    const events = all.map((one) => verified(one))
    expect(events.map(({ type, data }) => [type, data['percent']]).toSorted()).toEqual([
      ['budget.exceeded_bound', undefined],
      ['budget.threshold', 5],
      ['budget.threshold', 8],
    ])
    const excess = events.find(({ type }) => type === 'budget.exceeded_bound')
    expect(excess?.data['spent']).toBe('0.009000000')
    expect(Number(excess?.data['excess'])).toBeGreaterThan(0.0004)
  })

  it('I3: and it is in the record of its attempt, in the metrics, and below zero in the list', async () => {
    await spend(weir.key, 150_000)
    const answer = await weir.admin(`/api/exchanges/${weir.finished.at(-1)?.id}`)
    const { records } = (await answer.json()) as { records: readonly { excess: string }[] }
    const [[account, excess = ''] = []]: readonly (readonly string[])[] = JSON.parse(records[0]?.excess ?? '[]')
    expect(account).toBe('organisation default/all usd/total@total')
    expect(Number(excess)).toBeGreaterThan(140_000_000)
    const metrics = await (await fetch(`${weir.gateway.adminOrigin}/metrics`)).text()
    expect(metrics).toMatch(/^weir_budget_excess_total 1$/m)
    const budgets = await (await weir.admin('/api/budgets?name=all')).json()
    const over = { spent: '0.150000000', left: '0.000000000', over: '0.050000000' }
    expect(budgets).toMatchObject({ items: [{ accounts: [over] }] })
    expect(await cli('budgets', '--name', 'all')).toMatch(/ 0\.15 +0\.00 +-0\.05 +0\.10 /)
  })
})

interface Taken {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

interface Receiver {
  readonly origin: string
  readonly seen: readonly Taken[]
  /** The next statuses; then 204. */
  answers: number[]
  /** Resolves when so many have come in all. */
  taken(count: number): Promise<readonly Taken[]>
  close(): Promise<void>
}

async function startReceiver(): Promise<Receiver> {
  const seen: Taken[] = []
  let waiting: { readonly count: number; readonly resolve: () => void }[] = []
  const server: Server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      seen.push({ path: incoming.url ?? '', headers: incoming.headers, body: Buffer.concat(chunks).toString() })
      outgoing.writeHead(made.answers.shift() ?? 204).end()
      for (const { count, resolve } of waiting) if (seen.length >= count) resolve()
      waiting = waiting.filter(({ count }) => seen.length < count)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const made: Receiver = {
    origin: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    seen,
    answers: [],
    taken: async (count) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      if (seen.length >= count) resolve()
      else waiting.push({ count, resolve })
      await promise
      return seen
    },
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
  return made
}

interface Event {
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
}

/** What a receiver that checks signatures is told. */
function verified(taken: Taken | undefined, nowMs = clock.nowMs()): Event {
  const headers = Object.fromEntries(Object.entries(taken?.headers ?? {}).map(([name, value]) => [name, String(value)]))
  expect(Math.abs(nowMs / 1_000 - Number(headers['webhook-timestamp']))).toBeLessThan(1_000)
  return new Webhook(secret).verify(taken?.body ?? '', headers) as Event
}

/** A timer that is set when it is due already runs with the next turn. */
const takenByTurning = (count: number) =>
  expect
    .poll(
      () => {
        clock.turn(1)
        return receiver.seen.length
      },
      { timeout: 20_000 },
    )
    .toBe(count)

const logged = (text: string) => expect.poll(() => weir.logged(), { timeout: 20_000 }).toContain(text)

/** A call that comes to so many thousand nano-dollars. */
async function spend(key: string, tokens: number): Promise<void> {
  const message = { role: 'assistant', content: 'hello' }
  const usage = { prompt_tokens: tokens, completion_tokens: 0, total_tokens: tokens }
  upstream.answer({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ choices: [{ index: 0, message, finish_reason: 'stop' }], usage })),
  })
  const answer = await fetch(`${weir.gateway.dataOrigin}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', max_tokens: 1, messages: [{ role: 'user', content: 'x'.repeat(8_000) }] }),
  })
  expect([answer.status, await answer.text()]).toEqual([200, expect.any(String)])
}

function cli(...args: readonly string[]): Promise<string> {
  return printed({ adminOrigin: weir.gateway.adminOrigin, adminKey: weir.adminKey }, args)
}
