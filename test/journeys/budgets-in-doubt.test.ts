import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BudgetBody, BudgetChangeBody } from '../../src/admin/contract/budget.ts'
import type { DoubtBody, ResolvedBody } from '../../src/admin/contract/doubt.ts'
import { lookLimits } from '../../src/build/ledger-watch.ts'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { turnedClock } from '../turned-clock.ts'
import { printed, runCommand } from '../run-command.ts'

/* Calls whose end nobody knows are counted at the most; later somebody reads at the provider what one really cost. */

const clock = turnedClock()
let dir: string
let adminKey: string
let weir: RunningGateway
let lost: DoubtBody

const config = `
providers:
  simulated: { kind: simulated, speed: instant, prices: { 'sim-*': { input: "1", output: "2" } } }
models:
  m: { targets: [{ provider: simulated, model: sim-1 }] }
  torn: { targets: [{ provider: simulated, model: 'sim-1?bad_json=1' }], retry: { maxAttempts: 1 }, budgets: { all: { usd: "9" } } }
organisations:
  default:
    budgets:
      monthly: { usd: "50", per: month }
      tokens: { tokens: 1000000, per: month }
      each: { calls: 100, per: day, by: key }
`

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'weir-doubt-'))
  weir = await startGateway({ config, clock, dir })
  adminKey = weir.adminKey
  expect(await call('m')).toBe(200)
  for (const _ of [1, 2]) expect(await call('torn')).toBe(502)
})
afterAll(async () => {
  await weir.close()
  rmSync(dir, { recursive: true })
})

describe('an attempt in doubt', () => {
  it('is listed with what it is counted at, the first one first', async () => {
    const { items } = await read<{ items: readonly DoubtBody[] }>('/api/ledger/doubts')
    expect(items).toHaveLength(2)
    const [first] = items
    if (!first) throw new Error('nothing is listed')
    lost = first
    expect(lost).toMatchObject({
      attempt: 1,
      provider: 'simulated',
      model: 'sim-1?bad_json=1',
      organisation: 'default',
      team: null,
      status: 'failed',
    })
    const page = await read<{ items: readonly DoubtBody[]; nextAfter: string }>('/api/ledger/doubts?limit=1')
    expect(page.items).toEqual([lost])
    const rest = await read<{ items: readonly DoubtBody[] }>(`/api/ledger/doubts?after=${page.nextAfter}`)
    expect(rest).toEqual({ items: items.slice(1), nextAfter: null })
    expect(await read(`/api/ledger/doubts?from=${lost.startedAt}&to=${lost.startedAt}`)).toMatchObject({ items: [] })
    const text = await cli('ledger', 'doubts')
    expect(text).toMatch(
      new RegExp(`^2026-11-23T12\\S+ +${lost.requestId} +1 +simulated/sim-1.* ${lost.costUsd}$`, 'm'),
    )
    const unknown = items.reduce((sum, { costUsd }) => sum + nanosOf(costUsd), 0n)
    expect(await inDoubt()).toEqual({ monthly: unknown, all: unknown, each: 2n })
  })

  it('I2, I6: is settled at what it came to, in the window in which it began; the rest stays in doubt', async () => {
    const before = await budget('monthly')
    const { inputUncached } = await recordOf(lost)
    // The next month has begun when the invoice comes.
    clock.turn(10 * 86_400_000)
    const args = [lost.requestId, '1', '--cost', '0.0001', '--reason', 'invoice 7']
    const text = await cli('ledger', 'resolve', ...args)
    expect(text).toContain(`attempt 1 of ${lost.requestId}: 0.000100000 USD now, counted at ${lost.costUsd} before\n`)
    expect(text).toMatch(new RegExp(`^model torn/all +total +- +${lost.costUsd} +0\\.000100000$`, 'm'))
    expect(text).toMatch(/^organisation default\/each +2026-11-23 +\w+ +1 +1$/m)
    expect(text).toMatch(/^organisation default\/tokens +2026-11 +- +(\d+) +\1$/m)

    const [past] = await history('organisation default/monthly')
    expect(past).toMatchObject({ window: '2026-11' })
    expect(nanosOf(past?.spent)).toBe(nanosOf(before.spent) - nanosOf(lost.costUsd) + 100_000n)
    const { items } = await read<{ items: readonly DoubtBody[] }>('/api/ledger/doubts')
    expect(items.map(({ requestId }) => requestId)).not.toContain(lost.requestId)
    expect(items).toHaveLength(1)
    expect((await inDoubt()).all).toBe(nanosOf(items[0]?.costUsd))
    // The record stays, and so do the tokens in it.
    expect(await recordOf(lost)).toMatchObject({ costUsd: lost.costUsd, usageSource: 'worst_case', inputUncached })
    await booksBalance()
  })

  it('is told with who, when and why: in its exchange, in the history of its budgets and in the audit log', async () => {
    const text = await cli('exchange', lost.requestId)
    expect(text).toMatch(/^adjustment of attempt 1 by resolve at 2026-12-03T12\S+: -\d\.\d{9} USD, invoice 7$/m)
    const changes = await read<{ items: readonly BudgetChangeBody[] }>(
      '/api/budgets/changes?budget=organisation%20default/monthly',
    )
    expect(changes.items[0]).toMatchObject({ actor: 'admin', kind: 'resolve', window: '2026-11', reason: 'invoice 7' })
    const audit = await read<{ items: readonly object[] }>('/api/audit?limit=1000')
    expect(audit.items.at(-1)).toMatchObject({
      actor: 'admin',
      action: 'ledger.resolve',
      target: `attempt 1 of ${lost.requestId}`,
      detail: { beforeUsd: lost.costUsd, costUsd: '0.000100000', tokens: null, reason: 'invoice 7' },
    })
    expect((await cli('audit', 'verify')).startsWith('intact')).toBe(true)
    expect(await cli('usage', '--from', '2026-11-01')).toContain('adjustments: records were re-rated or resolved\n')
  })

  it('may be resolved anew, also with its tokens, where the first was a mistake', async () => {
    const body = { requestId: lost.requestId, attempt: 1, costUsd: '0.0003', tokens: '20' }
    const told = (await (await send(body)).json()) as ResolvedBody
    expect(told).toMatchObject({ beforeUsd: '0.000100000', costUsd: '0.000300000', differenceUsd: '0.000200000' })
    const accounts = told.accounts.map(({ budget: id, before, after }) => [id, before, after])
    expect(accounts).toContainEqual(['organisation default/monthly', '0.000100000', '0.000300000'])
    expect(accounts).toContainEqual(['organisation default/tokens', expect.stringMatching(/^\d{2,}$/), '20'])
    await booksBalance()
  })

  it('a price that is looked up anew leaves what was resolved', async () => {
    const text = await cli('prices', 'rerate', '--from', '2026-11-01', '--until', '2026-12-01')
    expect(text).toContain('1 have the cost that was told of them, which stays\n')
  })

  it('I2, I6: is compared with the records too: what somebody changed is told, and put right', async () => {
    const database = new DatabaseSync(join(dir, 'data', 'weir.sqlite'))
    database.exec("UPDATE budget_accounts SET unknown = unknown + 7 WHERE account_id LIKE '%/each calls/%'")
    database.close()
    const { code, out } = await ran(['ledger', 'rebuild', '--verify'])
    expect(code).toBe(1)
    expect(out).toMatch(/ UNKNOWN, KEPT +UNKNOWN$/m)
    expect(out).toMatch(/^organisation default\/each +2026-11-23 +\w+ +3 +3 +8 +1$/m)
    expect((await ran(['ledger', 'rebuild'])).code).toBe(1)
    expect((await budget('each')).unknown).toBe('0')
    await booksBalance()
  })

  it('is settled after a restart too', async () => {
    const before = await read('/api/budgets')
    await weir.close()
    weir = await startGateway({ config, clock, dir })
    expect(await read('/api/budgets')).toEqual(before)
    expect((await read<{ items: readonly object[] }>('/api/ledger/doubts')).items).toHaveLength(1)
    await booksBalance()
  })
})

describe('what cannot be resolved is refused, and nothing changes', () => {
  it.each([
    ['an attempt that the provider told of', () => ({ requestId: weir.finished[0]?.id }), 409, /is known .*provider/],
    ['an attempt that there is not', () => ({ attempt: 2 }), 404, /has no attempt 2 that has ended/],
    ['an exchange that there is not', () => ({ requestId: 'req_none' }), 404, /No exchange/],
    ['less than nothing', () => ({ costUsd: '-1' }), 400, /costUsd: "-1" is not dollars/],
    ['what is no amount', () => ({ costUsd: '1,5' }), 400, /costUsd: "1,5" is not dollars/],
    ['a part of a token', () => ({ tokens: '1.5' }), 400, /tokens: "1.5" is not a whole number of tokens/],
    ['an attempt that is none', () => ({ attempt: 0 }), 400, /attempt/],
  ])('%s', async (_, changes, status, message) => {
    if (weir.finished.length === 0) expect(await call('m')).toBe(200)
    const answer = await send({ requestId: lost.requestId, attempt: 1, costUsd: '1', ...changes() })
    const { error } = (await answer.json()) as { error: { message: string } }
    expect([answer.status, error.message]).toEqual([status, expect.stringMatching(message)])
    await booksBalance()
  })
})

async function booksBalance(): Promise<void> {
  expect(await cli('ledger', 'rebuild', '--verify')).toMatch(/each is what its records and entries come to\n$/)
  clock.turn(lookLimits.restMs)
  const text = await (await fetch(`${weir.gateway.adminOrigin}/metrics`)).text()
  expect(/^weir_ledger_unexplained_nano (.+)$/m.exec(text)?.[1]).toBe('0')
}

async function call(model: string): Promise<number> {
  const answer = await fetch(`${weir.gateway.dataOrigin}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await key()}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, max_tokens: 50, messages: [{ role: 'user', content: 'hello there' }] }),
  })
  await answer.text()
  return answer.status
}

let made: string | undefined
async function key(): Promise<string> {
  if (made !== undefined) return made
  const body = JSON.stringify({ name: 'k', organisation: 'default' })
  const answer = await weir.admin('/api/keys', { method: 'POST', body, headers: authorization() })
  return (made = ((await answer.json()) as { key: string }).key)
}

const authorization = () => ({ authorization: `Bearer ${adminKey}` })

async function read<Body>(path: string): Promise<Body> {
  const answer = await weir.admin(path, { headers: authorization() })
  expect([path, answer.status]).toEqual([path, 200])
  return (await answer.json()) as Body
}

function send(order: object): Promise<Response> {
  return weir.admin('/api/ledger/resolve', { method: 'POST', body: JSON.stringify(order), headers: authorization() })
}

async function budget(name: string): Promise<BudgetBody> {
  const { items } = await read<{ items: readonly BudgetBody[] }>(`/api/budgets?name=${name}`)
  const [found] = items
  if (!found) throw new Error(`there is no budget ${name}`)
  return found
}

async function inDoubt() {
  const unknownOf = async (name: string) => nanosOf((await budget(name)).unknown)
  return { monthly: await unknownOf('monthly'), all: await unknownOf('all'), each: await unknownOf('each') }
}

async function history(id: string) {
  type Past = { readonly window: string; readonly spent: string }
  return (await read<{ items: readonly Past[] }>(`/api/budgets/history?budget=${encodeURIComponent(id)}`)).items
}

async function recordOf({ requestId }: DoubtBody): Promise<Readonly<Record<string, unknown>>> {
  const { records } = await read<{ records: readonly Readonly<Record<string, unknown>>[] }>(
    `/api/exchanges/${requestId}`,
  )
  const [record] = records
  if (!record) throw new Error('the record is gone')
  return record
}

function nanosOf(text: string | null | undefined): bigint {
  return BigInt((text ?? '').replace('.', ''))
}

function cli(...args: readonly string[]): Promise<string> {
  return printed({ adminOrigin: weir.gateway.adminOrigin, adminKey }, args)
}

function ran(args: readonly string[]) {
  return runCommand({ adminOrigin: weir.gateway.adminOrigin, adminKey }, args)
}
