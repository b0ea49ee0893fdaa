import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BudgetBody } from '../../src/admin/contract/budget.ts'
import { readUsd, writeUsd } from '../../src/canonical/money.ts'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { startReplay, type ReplayUpstream } from '../replay-upstream.ts'
import { turnedClock } from '../turned-clock.ts'
import { printed } from '../run-command.ts'

/* Budgets as people see and change them: the admin API and the commands, over a gateway that serves. */

const clock = turnedClock()
let upstream: ReplayUpstream
let weir: RunningGateway

/** One dollar a million: a token costs a thousand nano-dollars. */
const config = () => `
providers:
  replay: { kind: openai-compatible, baseUrl: "${upstream.origin}/v1", prices: { m1: { input: "1", output: "1" } } }
models:
  m: { targets: [{ provider: replay, model: m1 }], retry: { maxAttempts: 1 }, budgets: { all: { tokens: 1000000, per: total } } }
organisations:
  acme:
    timezone: Europe/Berlin
    budgets: { monthly: { usd: "5000", per: month, alertsAt: [80, 50] } }
    teams:
      search:
        budgets: { daily: { usd: "0.004", per: day }, people: { calls: 10, per: week, by: user, missing: share } }
    users: { ada: { budgets: { own: { usd: "1", per: year, unpriced: { ceiling: "0.5" } } } }, grace: {}, empty: {} }
`

beforeAll(async () => {
  upstream = await startReplay()
  weir = await startGateway({ config: config(), clock })
})

afterAll(async () => {
  await weir.close()
  await upstream.close()
})

describe('budgets, seen', () => {
  let ada = ''
  let grace = ''
  beforeAll(async () => {
    ada = await keyOf('ada')
    grace = await keyOf('grace')
    for (const key of [ada, ada, grace]) await spend(key, 100, 50)
  })

  it('each in force is listed with cap, window, and what is spent, held and left', async () => {
    const [monthly] = await budgets('?budget=organisation%20acme/monthly')
    expect(monthly).toEqual({
      id: 'organisation acme/monthly',
      name: 'monthly',
      level: 'organisation acme',
      unit: 'usd',
      per: 'month',
      timezone: 'Europe/Berlin',
      by: null,
      missing: null,
      models: null,
      cap: '5000.000000000',
      configuredCap: '5000.000000000',
      orderedCap: null,
      unpriced: 'refuse',
      maxPerCall: null,
      maxOpenPerKey: null,
      alertsAt: [50, 80],
      managedBy: 'config',
      window: { id: '2026-11', startsAt: '2026-10-31T23:00:00.000Z', endsAt: '2026-11-30T23:00:00.000Z' },
      spent: '0.000450000',
      unknown: '0.000000000',
      held: '0.000000000',
      accountCount: 1,
      accounts: [
        {
          value: null,
          cap: '5000.000000000',
          spent: '0.000450000',
          unknown: '0.000000000',
          held: '0.000000000',
          left: '4999.999550000',
          over: '0.000000000',
        },
      ],
    })
  })

  it('filters by owner and below, level and name; a misspelt filter is refused', async () => {
    const ids = async (query: string) => (await budgets(query)).map(({ id }) => id)
    const [team, user] = [['team acme/search/daily', 'team acme/search/people'], ['user acme/ada/own']]
    expect(await ids('')).toEqual(['model m/all', 'organisation acme/monthly', ...team, ...user])
    expect(await ids('?organisation=acme')).toEqual(['organisation acme/monthly', ...team, ...user])
    expect(await ids('?organisation=acme&team=search')).toEqual(team)
    expect(await ids('?user=ada')).toEqual(user)
    expect(await ids('?level=team%20acme/search&name=daily')).toEqual(['team acme/search/daily'])
    expect(await ids('?organisation=nobody')).toEqual([])
    expect((await weir.admin('/api/budgets?teams=search')).status).toBe(400)
    const page = (await (await weir.admin('/api/budgets?limit=2')).json()) as { nextAfter: string }
    expect(page.nextAfter).toBe('organisation acme/monthly')
    expect(await ids(`?limit=2&after=${encodeURIComponent(page.nextAfter)}`)).toEqual(team)
  })

  it('tells the accounts of a budget with several, the fullest first, and all of them by pages', async () => {
    const [people] = await budgets('?name=people')
    expect(people).toMatchObject({ by: 'user', missing: 'share', cap: '10', spent: '3', accountCount: 2 })
    expect(people?.accounts.map(({ value, spent, left }) => [value, spent, left])).toEqual([
      ['acme/ada', '2', '8'],
      ['acme/grace', '1', '9'],
    ])
    expect((await budgets('?name=people&accounts=1'))[0]?.accounts.map(({ value }) => value)).toEqual(['acme/ada'])
    const path = '/api/budgets/accounts?limit=1&budget=team%20acme/search/people'
    const first = (await (await weir.admin(path)).json()) as { items: { value: string }[]; nextAfter: string }
    const second = await (await weir.admin(`${path}&after=${encodeURIComponent(first.nextAfter)}`)).json()
    expect(first.items).toMatchObject([{ value: 'acme/ada' }])
    expect(second).toMatchObject({ items: [{ value: 'acme/grace' }], nextAfter: null })
    expect((await weir.admin('/api/budgets/accounts?budget=nobody/x')).status).toBe(404)
  })

  it('tells an account on which only calls under way draw, with what they hold', async () => {
    const { promise: reached, resolve } = Promise.withResolvers<ServerResponse>()
    upstream.takeOver((_, outgoing) => resolve(outgoing))
    const under = call(await keyOf('empty'), { max_tokens: 10 })
    const outgoing = await reached
    const [people] = await budgets('?name=people')
    expect(people).toMatchObject({ spent: '3', held: '1', accountCount: 3 })
    expect(people?.accounts.map(({ value, spent, held }) => [value, spent, held])).toEqual([
      ['acme/ada', '2', '0'],
      ['acme/grace', '1', '0'],
      ['acme/empty', '0', '1'],
    ])
    const answer = await weir.admin('/api/budgets/accounts?budget=team%20acme/search/people')
    expect(await answer.json()).toMatchObject({
      items: [{ value: 'acme/ada' }, { value: 'acme/empty', held: '1' }, { value: 'acme/grace' }],
      nextAfter: null,
    })
    // The provider refuses it: nothing is spent.
    outgoing.writeHead(400, { 'content-type': 'application/json' }).end('{"error":{"message":"no"}}')
    expect((await under).status).toBe(400)
    expect((await budgets('?name=people'))[0]).toMatchObject({ spent: '3', held: '0', accountCount: 2 })
  })

  it('what a call under way has set aside is held, and left is what remains', async () => {
    const { promise: reached, resolve } = Promise.withResolvers<ServerResponse>()
    upstream.takeOver((_, outgoing) => resolve(outgoing))
    const under = call(ada, { max_tokens: 1_500 })
    const outgoing = await reached
    const account = (await budgets('?name=daily'))[0]?.accounts[0]
    expect(account?.spent).toBe('0.000450000')
    const held = Number(account?.held)
    expect(held).toBeGreaterThan(0.0015)
    expect(Number(account?.left)).toBeCloseTo(0.004 - 0.00045 - held, 9)
    expect(await cli('budgets', '--name', 'daily')).toMatch(/^team acme\/search\/daily .* \[##=+-*\] +11 % /m)
    outgoing.writeHead(200, { 'content-type': 'application/json' }).end(answerText(10, 5))
    await (await under).text()
    expect((await budgets('?name=daily'))[0]?.accounts).toMatchObject([{ spent: '0.000465000', held: '0.000000000' }])
  })

  it('the command prints a line for each account with a bar, and the answer itself with --json', async () => {
    expect(await cli('budgets', '--organisation', 'acme')).toBe(
      [
        'BUDGET                     PER    FOR              UNIT      SPENT  HELD          LEFT       CAP                                ENDS',
        'organisation acme/monthly  month  -                USD    0.000465  0.00  4,999.999535  5,000.00  [--------------------]   0 %  2026-11-30T23:00:00.000Z',
        'team acme/search/daily     day    -                USD    0.000465  0.00      0.003535     0.004  [##------------------]  11 %  2026-11-23T23:00:00.000Z',
        'team acme/search/people    week   user acme/ada    calls         3     0             7        10  [######--------------]  30 %  2026-11-29T23:00:00.000Z',
        'team acme/search/people    week   user acme/grace  calls         1     0             9        10  [##------------------]  10 %  2026-11-29T23:00:00.000Z',
        'user acme/ada/own          year   -                USD    0.000315  0.00      0.999685      1.00  [--------------------]   0 %  2026-12-31T23:00:00.000Z',
        '',
      ].join('\n'),
    )
    expect(await cli('budgets', '--name', 'people', '--top', '1')).toContain(
      'team acme/search/people: 1 more account; --all shows it\n',
    )
    expect(await cli('budgets', '--name', 'people', '--top', '0')).toContain(': 2 more accounts; --all shows them\n')
    expect(await cli('budgets', '--name', 'daily', '--top', '0')).toContain(
      'team acme/search/daily: what is spent and left of it is not shown; --all shows it\n',
    )
    const all = JSON.parse(await cli('budgets', 'list', '--name', 'people', '--top', '1', '--all', '--json'))
    expect(all).toMatchObject({ items: [{ accounts: [{ value: 'acme/ada' }, { value: 'acme/grace' }] }] })
    expect(JSON.parse(await cli('budgets', '--json'))).toEqual(
      await (await weir.admin('/api/budgets?limit=1000')).json(),
    )
  })
})

describe('what may be spent, changed', () => {
  const daily = 'team acme/search/daily'
  const account = async (id: string, value: string | null = null) =>
    (await budgets(`?budget=${encodeURIComponent(id)}`))[0]?.accounts.find((one) => one.value === value)
  const grant = (path: string, order: object) =>
    weir.admin(`/api/budgets/${path}`, { method: 'POST', body: JSON.stringify(order) })

  it('a top-up makes room at once, in this window, and is an entry with its audit entry', async () => {
    const key = await keyOf('ada')
    expect((await call(key, { max_tokens: 4_000 })).status).toBe(429)
    expect(await cli('budgets', 'top-up', daily, '0.01', '--reason', 'launch day')).toBe(
      'team acme/search/daily: 0.013535000 left of 0.014000000 now\n',
    )
    await spend(key, 1_000, 3_000, 4_000)
    expect(await account(daily)).toMatchObject({ cap: '0.014000000', spent: '0.004465000', left: '0.009535000' })
    const audit = (await (await weir.admin('/api/audit?limit=1000')).json()) as { items: readonly object[] }
    expect(audit.items.at(-1)).toMatchObject({
      actor: 'admin',
      action: 'budget.top-up',
      target: 'budget team acme/search/daily',
      detail: { value: null, amount: '0.010000000', reason: 'launch day' },
    })
  })

  it('a raise is in force until its moment, for one account or for all', async () => {
    const people = 'team acme/search/people'
    const until = new Date(clock.nowMs() + 3_600_000).toISOString()
    expect(await cli('budgets', 'raise', people, '5', '--until', until)).toBe(
      'team acme/search/people: the cap is 15 now, for each account\n',
    )
    expect(await cli('budgets', 'raise', people, '2', '--until', until, '--value', 'acme/grace')).toBe(
      'team acme/search/people for acme/grace: 16 left of 17 now\n',
    )
    expect(await cli('budgets', 'top-up', people, '1', '--value', 'acme/nobody-yet')).toBe(
      'team acme/search/people for acme/nobody-yet: 16 left of 16 now\n',
    )
    clock.turn(3_600_000)
    expect(await account(people, 'acme/grace')).toMatchObject({ cap: '10', spent: '1' })
  })

  it('I14: a lowered cap loses no hold and refuses new calls; the configured one comes back', async () => {
    const key = await keyOf('ada')
    const { promise: reached, resolve } = Promise.withResolvers<ServerResponse>()
    upstream.takeOver((_, outgoing) => resolve(outgoing))
    const under = call(key, { max_tokens: 100 })
    const outgoing = await reached
    const monthly = 'organisation acme/monthly'
    const before = await account(monthly)
    expect(Number(before?.held)).toBeGreaterThan(0)
    const drawn = writeUsd((readUsd(before?.spent ?? '') ?? 0n) + (readUsd(before?.held ?? '') ?? 0n))
    expect(await cli('budgets', 'cap', monthly, '0')).toContain('0.000000000 left of 0.000000000 now')
    expect(await account(monthly)).toEqual({ ...before, cap: '0.000000000', left: '0.000000000', over: drawn })
    expect((await call(key, { max_tokens: 1 })).status).toBe(429)
    outgoing.writeHead(200, { 'content-type': 'application/json' }).end(answerText(100, 100))
    expect([(await under).status, await (await under).text()]).toEqual([200, expect.stringContaining('hello')])
    expect(await account(monthly)).toMatchObject({ spent: '0.004665000', held: '0.000000000', left: '0.000000000' })
    expect(await cli('budgets', 'cap', monthly, '--as-configured')).toContain('4999.995335000 left of 5000.000000000')
    await spend(key, 1, 1)
  })

  it('what cannot be is refused with the reason, and changes nothing', async () => {
    const before = await budgets('')
    const past = new Date(clock.nowMs() - 1).toISOString()
    const soon = new Date(clock.nowMs() + 60_000).toISOString()
    const people = 'team acme/search/people'
    const refused: readonly (readonly [string, object, number, string])[] = [
      [
        'top-ups',
        { budget: 'team acme/search/weekly', amount: '1' },
        404,
        'There is no budget "team acme/search/weekly"',
      ],
      ['top-ups', { budget: daily, amount: '0' }, 400, 'amount: "0" is not dollars such as "50" or "0.25"'],
      ['top-ups', { budget: daily, amount: '-5' }, 400, 'amount: "-5" is not dollars'],
      ['top-ups', { budget: daily, amount: '1,000' }, 400, 'amount: "1,000" is not dollars'],
      ['top-ups', { budget: daily, amount: '0.0000000001' }, 400, 'is not dollars'],
      ['top-ups', { budget: daily, amount: '1000000001' }, 400, 'to 1000000000.000000000'],
      ['top-ups', { budget: daily, amount: '1', value: 'acme/ada' }, 400, 'has one account only'],
      ['top-ups', { budget: people, amount: '1' }, 400, 'has one account for each user: say which'],
      ['top-ups', { budget: people, amount: '1.5', value: 'acme/ada' }, 400, 'is not a whole number of calls'],
      ['top-ups', { budget: people, amount: '1', value: 'ada' }, 400, 'such as "acme/ada"'],
      ['raises', { budget: daily, amount: '1', until: past }, 400, 'is over; a raise ends in the future'],
      ['raises', { budget: daily, amount: '1' }, 400, 'until'],
      ['raises', { budget: daily, amount: '0', until: soon }, 400, 'amount'],
      ['caps', { budget: daily, cap: '-1' }, 400, 'cap: "-1" is not dollars'],
      ['caps', { budget: daily }, 400, 'cap'],
    ]
    for (const [path, order, status, message] of refused) {
      const answer = await grant(path, order)
      const { error } = (await answer.json()) as { error: { message: string } }
      expect([order, answer.status, error.message]).toEqual([order, status, expect.stringContaining(message)])
    }
    expect(await budgets('')).toEqual(before)
  })
})

describe('the decision of a call', () => {
  it('tells the budgets that it drew on: what was set aside, the cap, and what there was before', async () => {
    const key = await keyOf('grace')
    const [before] = await budgets('?name=monthly')
    const headers = { 'content-type': 'application/json' }
    upstream.answer({ status: 200, headers, body: Buffer.from(answerText(20, 10)) })
    const answer = await call(key, { max_tokens: 100 }, { 'x-weir-explain': 'true' })
    expect(answer.status).toBe(200)
    const { budgets: told } = JSON.parse(answer.headers.get('x-weir-decision') ?? '{}') as { budgets: readonly Told[] }
    await answer.text()
    const { decision } = (await (
      await weir.admin(`/api/exchanges/${answer.headers.get('x-weir-request-id')}`)
    ).json()) as { decision: { budgets: readonly object[] } }
    const monthly = told.find(({ account }) => account.startsWith('organisation acme/monthly '))
    const held = nanosText(monthly?.held)
    expect(Number(held)).toBeGreaterThan(0.0001)
    expect(decision.budgets).toHaveLength(told.length)
    const month = { budget: 'organisation acme/monthly', window: '2026-11', value: null, held }
    expect(decision.budgets).toContainEqual({ ...month, cap: before?.cap, before: before?.spent })
    const people = { budget: 'team acme/search/people', value: 'acme/grace', held: '1' }
    expect(decision.budgets).toContainEqual(expect.objectContaining(people))
    const text = await cli('exchange', answer.headers.get('x-weir-request-id') ?? '')
    expect(text).toContain(
      `organisation acme/monthly, 2026-11: ${held} set aside, with ${before?.spent} of ${before?.cap} drawn on\n`,
    )
  })
})

interface Told {
  readonly account: string
  readonly held: string
}

describe('doubt', () => {
  it('I6: what a call may have cost whose answer broke off is spent, and told apart', async () => {
    const key = await keyOf('grace')
    upstream.takeOver((_, outgoing) => void outgoing.socket?.destroy())
    expect((await call(key, { max_tokens: 100 })).status).toBe(502)
    const [monthly] = await budgets('?name=monthly')
    const unknown = Number(monthly?.unknown)
    expect(unknown).toBeGreaterThan(0.0001)
    expect(unknown).toBeLessThan(Number(monthly?.spent))
    expect(monthly?.accounts).toMatchObject([{ unknown: monthly?.unknown, held: '0.000000000' }])
    const people = (await budgets('?name=people'))[0]?.accounts.map(({ value, unknown: calls }) => [value, calls])
    expect(Object.fromEntries(people ?? [])).toEqual({ 'acme/ada': '0', 'acme/grace': '1' })
    const text = await cli('budgets', '--name', 'monthly')
    expect(text).toMatch(/ SPENT +UNKNOWN +HELD /)
    expect(text).toContain(` ${monthly?.unknown.replace(/0+$/, '')} `)
    clock.turn(1)
    const usage = await cli('usage', '--by', 'usageSource', '--where', 'usageSource=worst_case')
    expect(usage).toMatch(new RegExp(`^worst_case .* ${monthly?.unknown} *$`, 'm'))
  })
})

async function budgets(query: string): Promise<readonly BudgetBody[]> {
  const answer = await weir.admin(`/api/budgets${query}`)
  expect(answer.status).toBe(200)
  return ((await answer.json()) as { items: readonly BudgetBody[] }).items
}

async function keyOf(user: string): Promise<string> {
  const body = JSON.stringify({ name: user, organisation: 'acme', team: 'search', user })
  return ((await (await weir.admin('/api/keys', { method: 'POST', body })).json()) as { key: string }).key
}

/** A call that costs a thousand nano-dollars for each of these tokens. */
async function spend(key: string, inputTokens: number, outputTokens: number, max_tokens = 100): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  upstream.answer({ status: 200, headers, body: Buffer.from(answerText(inputTokens, outputTokens)) })
  const answer = await call(key, { max_tokens })
  expect([answer.status, await answer.text()]).toEqual([200, expect.any(String)])
}

function nanosText(nanos: string | undefined): string {
  return writeUsd(BigInt(nanos ?? '0'))
}

function answerText(prompt_tokens: number, completion_tokens: number): string {
  const message = { role: 'assistant', content: 'hello' }
  return JSON.stringify({
    choices: [{ index: 0, message, finish_reason: 'stop' }],
    usage: { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens },
  })
}

function call(key: string, fields: object, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(`${weir.gateway.dataOrigin}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hi' }], ...fields }),
  })
}

function cli(...args: readonly string[]): Promise<string> {
  return printed({ adminOrigin: weir.gateway.adminOrigin, adminKey: weir.adminKey }, args)
}
