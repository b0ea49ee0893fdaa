import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BudgetChangeBody } from '../../src/admin/contract/budget.ts'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { turnedClock } from '../turned-clock.ts'
import { printed } from '../run-command.ts'

/* Caps that the config and the API set: each change of them is in the books, whoever made it and however. */

const clock = turnedClock()
let dir = ''
/** Told by the first start only. */
let adminKey = ''
let weir: RunningGateway

const config = (cap: string) => `
providers: { simulated: { kind: simulated, speed: instant } }
models: { m: { targets: [{ provider: simulated, model: sim-1 }] } }
organisations:
  acme: { budgets: { monthly: { usd: "${cap}", per: month } } }
`

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'weir-configured-'))
  weir = await startGateway({ config: config('100'), clock, dir })
  adminKey = weir.adminKey
})

afterAll(async () => {
  await weir.close()
  rmSync(dir, { recursive: true })
})

describe('the history of a configured cap', () => {
  it('begins with what it was when Weir first saw it', async () => {
    expect(await changes('organisation acme/monthly')).toEqual([
      {
        at: '2026-11-23T12:00:00.000Z',
        actor: `config ${await version()}`,
        kind: 'configured',
        window: null,
        value: null,
        amount: '100.000000000',
        until: null,
        reason: null,
        entries: 1,
      },
    ])
  })

  it('I2: tells a change of the file, when it is taken and when Weir was not running, and nothing where there was none', async () => {
    const actors = [`config ${await version()}`]
    await reload('"100"', '"3"')
    actors.unshift(`config ${await version()}`)
    await reload('sim-1', 'another')
    await weir.close()
    weir = await startGateway({ config: config('7'), clock, dir })
    actors.unshift(`config ${await version()}`)
    await weir.close()
    weir = await startGateway({ config: config('7'), clock, dir })
    const told = await changes('organisation acme/monthly')
    expect(told.map(({ actor, amount }) => [actor, amount])).toEqual([
      [actors[0], '7.000000000'],
      [actors[1], '3.000000000'],
      [actors[2], '100.000000000'],
    ])
    expect(new Set(actors).size).toBe(3)
    const audit = (await (await admin('/api/audit?limit=1000')).json()) as { items: readonly object[] }
    expect(audit.items.at(-1)).toMatchObject({
      actor: actors[0],
      action: 'budget.configure',
      detail: { budgets: 1 },
    })
  })

  it('I2: tells a change by the API, and that a budget was taken away and came back', async () => {
    const monthly = (usd: string) => ({ budgets: { monthly: { usd, per: 'month' } } })
    await change('POST', '/api/organisations', { name: 'other', ...monthly('100') })
    await change('PATCH', '/api/organisations/other', { models: ['m'] })
    await change('PATCH', '/api/organisations/other', monthly('7'))
    await change('PATCH', '/api/organisations/other', { budgets: null })
    await change('PATCH', '/api/organisations/other', monthly('7'))
    const told = await changes('organisation other/monthly')
    expect(told.map(({ actor, kind, amount }) => [actor, kind, amount])).toEqual([
      ['admin', 'configured', '7.000000000'],
      ['admin', 'configured', null],
      ['admin', 'configured', '7.000000000'],
      ['admin', 'configured', '100.000000000'],
    ])
    const text = await cli('budgets', 'history', 'organisation other/monthly')
    expect(text).toMatch(/^2026-11-23T12\S+ +admin +configured +7\.000000000 /m)
    expect(text).toMatch(/^2026-11-23T12\S+ +admin +configured +none /m)
  })
})

describe('a cap that was set in the place of the configured one', () => {
  const monthly = 'organisation acme/monthly'
  const warning =
    'budget "organisation acme/monthly": its cap is 90.000000000, as `weir budgets cap` set it, and not 1.000000000, as it is configured: `weir budgets cap "organisation acme/monthly" --as-configured` goes back to that'
  const warnings = async () => ((await (await admin('/api/config')).json()) as { warnings: readonly string[] }).warnings

  it('stands when the file is changed, and reload, config and list say so until it is taken back', async () => {
    expect(await cli('budgets', 'cap', monthly, '7')).toContain('7.000000000')
    expect(await warnings()).not.toContainEqual(expect.stringContaining(monthly))
    await cli('budgets', 'cap', monthly, '90')
    writeFileSync(weir.configFile, readFileSync(weir.configFile, 'utf8').replace('"7"', '"1"'))
    expect(await cli('config', 'reload')).toContain(`\nwarning  ${warning}\n`)
    expect(await cli('config', 'show')).toContain(`\nwarning  ${warning}\n`)
    expect(await cli('budgets')).toContain(
      '\norganisation acme/monthly: the cap was set to 90.00 in the place of 1.00; budgets cap --as-configured goes back\n',
    )
    const told = await (await admin('/api/budgets?name=monthly&organisation=acme')).json()
    expect(told).toMatchObject({ items: [{ configuredCap: '1.000000000', orderedCap: '90.000000000' }] })
  })

  it('ends with an owner that is removed by the API, as its history says, and not with a budget alone', async () => {
    const budget = 'organisation brief/monthly'
    const brief = { name: 'brief', budgets: { monthly: { usd: '10', per: 'month' } } }
    const capNow = async () =>
      ((await (await admin('/api/budgets?organisation=brief')).json()) as { items: readonly object[] }).items[0]
    await change('POST', '/api/organisations', brief)
    await cli('budgets', 'cap', budget, '4000')
    await change('PATCH', '/api/organisations/brief', { budgets: null })
    await change('PATCH', '/api/organisations/brief', { budgets: brief.budgets })
    expect(await capNow()).toMatchObject({ cap: '4000.000000000' })
    await change('PATCH', '/api/organisations/brief', { budgets: null })
    expect((await admin('/api/organisations/brief', { method: 'DELETE' })).status).toBe(200)
    await change('POST', '/api/organisations', brief)
    expect(await capNow()).toMatchObject({ cap: '10.000000000', orderedCap: null })
    const told = (await changes(budget)).filter(({ kind }) => kind === 'cap')
    expect(told.map(({ amount, reason }) => [amount, reason])).toEqual([
      [null, 'organisation brief was removed'],
      ['4000.000000000', null],
    ])
  })

  it('is told at the next start too', async () => {
    await weir.close()
    weir = await startGateway({ config: config('1'), clock, dir })
    expect(weir.gateway.warnings).toContain(warning)
    await cli('budgets', 'cap', monthly, '--as-configured')
    expect(await warnings()).not.toContain(warning)
    expect(await cli('budgets')).not.toContain('in the place of')
  })
})

function admin(path: string, init: RequestInit = {}): Promise<Response> {
  return weir.admin(path, { ...init, headers: { authorization: `Bearer ${adminKey}` } })
}

async function changes(id: string): Promise<readonly BudgetChangeBody[]> {
  const answer = await admin(`/api/budgets/changes?budget=${encodeURIComponent(id)}`)
  return ((await answer.json()) as { items: readonly BudgetChangeBody[] }).items
}

async function version(): Promise<string> {
  return ((await (await admin('/api/config')).json()) as { version: string }).version
}

async function change(method: string, path: string, body: object): Promise<void> {
  const answer = await admin(path, { method, body: JSON.stringify(body) })
  expect([answer.ok, await answer.text()]).toEqual([true, expect.any(String)])
}

async function reload(was: string, is: string): Promise<void> {
  writeFileSync(weir.configFile, readFileSync(weir.configFile, 'utf8').replace(was, is))
  expect((await admin('/api/config/reload', { method: 'POST' })).status).toBe(200)
}

function cli(...args: readonly string[]): Promise<string> {
  return printed({ adminOrigin: weir.gateway.adminOrigin, adminKey }, args)
}
