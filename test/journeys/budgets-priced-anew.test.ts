import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BudgetBody, BudgetChangeBody, PastAccountBody } from '../../src/admin/contract/budget.ts'
import { lookLimits } from '../../src/build/ledger-watch.ts'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { turnedClock } from '../turned-clock.ts'
import { printed, runCommand } from '../run-command.ts'

/* What is learnt later about what was spent: a time priced anew, earlier windows, books that are added up again. */

const clock = turnedClock()
let weir: RunningGateway

const config = `
providers:
  simulated: { kind: simulated, speed: instant }
models:
  m: { targets: [{ provider: simulated, model: sim-1 }] }
  unknown: { targets: [{ provider: simulated, model: other }] }
organisations:
  acme:
    budgets:
      monthly: { usd: "50", per: month, unpriced: { ceiling: "1" } }
      tokens: { tokens: 1000000, per: month }
      people: { usd: "50", per: month, by: user, missing: share, unpriced: { ceiling: "2" } }
    users: { ada: {} }
prices: file:prices.yaml
`

const writePrices = (version: string, models: Readonly<Record<string, string>>) =>
  writeFileSync(
    join(weir.dir, 'prices.yaml'),
    `version: "${version}"\ncheckedAt: 2026-11-01\nprices: { simulated: { ${Object.entries(models)
      .map(([model, dollars]) => `"${model}": { input: "${dollars}", output: "${dollars}" }`)
      .join(', ')} } }\n`,
  )

let key = ''
beforeAll(async () => {
  weir = await startGateway({ config: config.replace('prices: file:prices.yaml\n', ''), clock })
  writePrices('old', { 'sim-1': '1' })
  writeFileSync(weir.configFile, `${readFileSync(weir.configFile, 'utf8').trimEnd()}\nprices: file:prices.yaml\n`)
  await reload()
  const body = JSON.stringify({ name: 'k', organisation: 'acme', user: 'ada' })
  key = ((await (await weir.admin('/api/keys', { method: 'POST', body })).json()) as { key: string }).key
})
afterAll(() => weir.close())

describe('a budget whose calls are priced anew', () => {
  let tokens = 0n

  it('each account in dollars takes the difference, others stay; a second time changes nothing', async () => {
    await call('m')
    tokens = BigInt((await budget('tokens')).spent)
    expect(await spentOf()).toEqual({ monthly: tokens * 1_000n, people: tokens * 1_000n })
    writePrices('new', { 'sim-1': '3' })
    await reload()
    expect(await rerate()).toContain('1 records examined, 1 adjusted')
    expect(await spentOf()).toEqual({ monthly: tokens * 3_000n, people: tokens * 3_000n })
    expect((await budget('tokens')).spent).toBe(tokens.toString())
    expect(await rerate()).toContain('1 records examined, 0 adjusted')
    expect(await spentOf()).toEqual({ monthly: tokens * 3_000n, people: tokens * 3_000n })
  })

  it('M10: what was counted for a call without a price gives way to its cost, in each account', async () => {
    const before = BigInt((await budget('tokens')).spent)
    await call('unknown')
    const more = BigInt((await budget('tokens')).spent) - before
    const known = tokens * 3_000n
    expect(await spentOf()).toEqual({ monthly: known + 1_000_000_000n, people: known + 2_000_000_000n })
    writePrices('newest', { 'sim-1': '3', other: '5' })
    await reload()
    expect(await rerate()).toContain('2 records examined, 1 adjusted')
    expect(await spentOf()).toEqual({ monthly: known + more * 5_000n, people: known + more * 5_000n })
    writePrices('last', { 'sim-1': '1', other: '1' })
    await reload()
    expect(await rerate()).toContain('2 records examined, 2 adjusted')
    const spent = (tokens + more) * 1_000n
    expect(await spentOf()).toEqual({ monthly: spent, people: spent })
  })

  it('history tells the windows and who changed what', async () => {
    const spent = (await budget('monthly')).spent
    await cli('budgets', 'raise', 'organisation acme/monthly', '5', '--until', '2027-01-01T00:00:00Z')
    await cli('budgets', 'cap', 'organisation acme/monthly', '40', '--reason', 'less in winter')
    await cli('budgets', 'cap', 'organisation acme/monthly', '--as-configured')
    clock.turn(10 * 86_400_000)
    await call('m')
    const [now, before] = await history<PastAccountBody>('history', 'organisation acme/monthly')
    expect(now).toMatchObject({ window: '2026-12', value: null, spent: (await budget('monthly')).spent })
    expect(before).toEqual({ window: '2026-11', value: null, spent, firstUsedAt: '2026-11-23T12:00:00.000Z' })
    expect(await history('history', 'organisation acme/people')).toMatchObject([{ value: 'acme/ada' }, { spent }])
    const changes = await history<BudgetChangeBody>('changes', 'organisation acme/monthly')
    expect(changes.map(({ kind, amount, reason, until, entries }) => [kind, amount, reason, until, entries])).toEqual([
      ['cap', null, null, null, 1],
      ['cap', '40.000000000', 'less in winter', null, 1],
      ['raise', '5.000000000', null, '2027-01-01T00:00:00.000Z', 1],
      ['rerate', expect.stringMatching(/^-/), null, null, 2],
      ['rerate', expect.stringMatching(/^-/), null, null, 1],
      ['rerate', expect.stringMatching(/^0/), null, null, 1],
      ['configured', '50.000000000', null, null, 1],
    ])
    expect(changes.every(({ at }) => at.startsWith('2026-11-23'))).toBe(true)
    const actors = changes.map(({ actor }) => actor)
    expect(actors).toEqual([...Array(6).fill('admin'), expect.stringMatching(/^config \w+$/)])
    const path = '/api/budgets/changes?budget=organisation%20acme/monthly&limit=4'
    const page = (await (await weir.admin(path)).json()) as { nextAfter: string }
    const rest = (await (await weir.admin(`${path}&after=${page.nextAfter}`)).json()) as { items: object[] }
    expect(rest.items).toEqual(changes.slice(4))
    const text = await cli('budgets', 'history', 'organisation acme/monthly')
    expect(text).toMatch(/^2026-11 +- +\d\.\d{9} +2026-11-23T12:00:00\.000Z$/m)
    expect(text).toMatch(/^2026-11-23T12\S+ +admin +cap +as configured /m)
    expect(text).toMatch(/^2026-11-23T12\S+ +admin +cap +40\.000000000 .* less in winter$/m)
  })

  it('I2: the books are what records and entries come to, and are put right where somebody changed them', async () => {
    expect(await cli('ledger', 'rebuild', '--verify')).toBe(
      '6 accounts: each is what its records and entries come to\n',
    )
    const { spent } = await budget('monthly')
    const database = new DatabaseSync(join(weir.dir, 'data', 'weir.sqlite'))
    database.exec("UPDATE budget_accounts SET posted = posted + 7 WHERE account_id LIKE '%/monthly usd/month@2026-12'")
    database.close()
    // In memory it is still right: it differs from the store, and the store from its records.
    expect(await unexplained()).toBe('14')
    const differs = /^organisation acme\/monthly +2026-12 +- +\d\.\d{9} +\d\.\d{9}$/m
    expect(await cliFails('ledger', 'rebuild', '--verify')).toMatch(differs)
    expect(await cliFails('ledger', 'rebuild', '--verify')).toContain('weir: 1 account differed\n')
    expect(await cliFails('ledger', 'rebuild')).toContain('weir: 1 account differed, and were put right\n')
    expect(await cli('ledger', 'rebuild')).toBe('6 accounts: each is what its records and entries come to\n')
    expect((await budget('monthly')).spent).toBe(spent)
    expect(await unexplained()).toBe('0')
    const audit = (await (await weir.admin('/api/audit?limit=1000')).json()) as { items: readonly object[] }
    expect(audit.items.at(-1)).toMatchObject({ action: 'ledger.rebuild', detail: { accounts: 6, differing: 1 } })
  })
})

/** The metric, when the time of the next look has come. */
async function unexplained(): Promise<string | undefined> {
  clock.turn(lookLimits.restMs)
  const text = await (await fetch(`${weir.gateway.adminOrigin}/metrics`)).text()
  return /^weir_ledger_unexplained_nano (.+)$/m.exec(text)?.[1]
}

async function budget(name: string): Promise<BudgetBody> {
  const answer = await weir.admin(`/api/budgets?organisation=acme&name=${name}`)
  const { items } = (await answer.json()) as { items: readonly BudgetBody[] }
  const [found] = items
  if (!found) throw new Error(`there is no budget ${name}`)
  return found
}

async function spentOf() {
  const nanos = async (name: string) => BigInt((await budget(name)).spent.replace('.', ''))
  return { monthly: await nanos('monthly'), people: await nanos('people') }
}

async function history<Item>(path: string, id: string): Promise<readonly Item[]> {
  const answer = await weir.admin(`/api/budgets/${path}?budget=${encodeURIComponent(id)}`)
  return ((await answer.json()) as { items: readonly Item[] }).items
}

async function call(model: string): Promise<void> {
  const answer = await fetch(`${weir.gateway.dataOrigin}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, max_tokens: 50, messages: [{ role: 'user', content: 'hello there' }] }),
  })
  expect([answer.status, await answer.text()]).toEqual([200, expect.any(String)])
}

async function reload(): Promise<void> {
  expect((await weir.admin('/api/config/reload', { method: 'POST' })).status).toBe(200)
}

/** Of one moment, the entries of two orders would be one change. */
function rerate(): Promise<string> {
  clock.turn(1_000)
  return cli('prices', 'rerate', '--from', '2020-01-01', '--until', '2030-01-01')
}

function ran(args: readonly string[]) {
  return runCommand({ adminOrigin: weir.gateway.adminOrigin, adminKey: weir.adminKey }, args)
}

function cli(...args: readonly string[]): Promise<string> {
  return printed({ adminOrigin: weir.gateway.adminOrigin, adminKey: weir.adminKey }, args)
}

async function cliFails(...args: readonly string[]): Promise<string> {
  const { code, out } = await ran(args)
  expect([code, out]).toEqual([1, expect.any(String)])
  return out
}
