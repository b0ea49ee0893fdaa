import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openAdminHouse, type AdminHouse } from '../../test/admin-house.ts'
import { noUsage } from '../canonical/usage.ts'
import { monitoredAttempt, type UsageRecord } from '../canonical/usage-record.ts'
import { sampleEvent, sampleRecord } from '../stores/laws/sample-records.ts'
import type { NewLedgerEntry } from '../stores/ports/ledger-entries.ts'
import type { RecordsPage, RecordsQuestion, UsageRecords } from '../stores/ports/usage-records.ts'
import { usageLineColumns, usageLinePage, type UsageLineBody } from './contract/usage-records.ts'
import { serveAdmin } from './serve-admin.ts'

let house: AdminHouse
beforeAll(async () => {
  house = await openAdminHouse()
  const startedAtMs = house.clock.nowMs() - 3_600_000
  const record = (requestId: string, changes: Partial<UsageRecord> = {}) =>
    house.stores.usage.append(sampleRecord({ requestId, startedAtMs, metadata: '{}', ...changes }))
  record('req_a', { costNanos: 9_007_199_254_740_993n, metadata: '{"ticket":"ABC-1","__proto__":"x"}' })
  record('req_b', { attempt: 1, status: 'failed', errorKind: 'upstream_timeout', costNanos: 5n, team: 'ads' })
  record('req_b', { attempt: 2, startedAtMs: startedAtMs + 1, costNanos: 7n, team: 'ads', runId: 'run-1' })
  record('req_c', { costNanos: undefined, priceVersion: undefined, decision: '{"strategy":"priority"}' })
  record('req_d', { costNanos: undefined, priceVersion: undefined, startedAtMs: startedAtMs - 1 })
  record('req_e', { attempt: 0, status: 'refused', ...noUsage, costNanos: 0n, provider: undefined, team: 'ads' })
  record('req_e', { attempt: monitoredAttempt, ...noUsage, costNanos: 0n, provider: undefined, team: 'ads' })
  record('req_f', { costNanos: 11n, endUser: '=HYPERLINK("http://evil")', catalogModel: ' +1' })
  record('req_old', { costNanos: 1n, startedAtMs: startedAtMs - 30 * 86_400_000 })
  const entry = (requestId: string, amount: bigint, changes: Partial<NewLedgerEntry> = {}): NewLedgerEntry => ({
    kind: 'rerate',
    requestId,
    attempt: 1,
    accountId: undefined,
    amount,
    detail: '{}',
    ...changes,
  })
  await house.stores.usage.written()
  await house.stores.entries.append(
    [entry('req_a', -3n), entry('req_a', 1n), entry('req_d', 40n), entry('req_f', -11n)],
    sampleEvent,
  )
  await house.stores.entries.append([entry('req_a', 99n, { accountId: 'x usd/month@2026-11' })], sampleEvent)
})
afterAll(() => house.close())

/** Nine places, always: without the point it is nano-dollars. */
const nanosIn = (usd: string) => BigInt(usd.replace('.', ''))

const read = async (query: string) => (await house.call('GET', `/api/usage/records?${query}`)).body

async function everyItem(query: string, limit: number): Promise<UsageLineBody[]> {
  const items: UsageLineBody[] = []
  for (let after = ''; ;) {
    const page = await read(`${query}&limit=${limit}${after}`)
    items.push(...page.items)
    if (page.nextAfter === null) return items
    after = `&after=${encodeURIComponent(page.nextAfter)}`
  }
}

describe('usage records', () => {
  it('are told one by one in the order in which attempts began, as the contract has them', async () => {
    const body = await read('')
    expect(usageLinePage.strict().safeParse(body).error).toBeUndefined()
    expect(body).toMatchObject({ from: '2026-11-16T12:00:00.000Z', to: '2026-11-23T12:00:00.000Z', nextAfter: null })
    expect(body.items.map(({ requestId, attempt }: UsageLineBody) => `${requestId}/${attempt}`)).toEqual(
      'req_d/1 req_a/1 req_b/1 req_c/1 req_e/0 req_f/1 req_b/2'.split(' '),
    )
    for (const item of body.items) expect(Object.keys(item)).toEqual(usageLineColumns)
    expect(usageLineColumns).not.toContain('decision')
    const [d, a, , c] = body.items
    expect(a).toMatchObject({
      costUsd: '9007199.254740993',
      adjustmentUsd: '-0.000000002',
      adjustedCostUsd: '9007199.254740991',
      startedAt: '2026-11-23T11:00:00.000Z',
      isStream: true,
    })
    expect(d).toMatchObject({ costUsd: null, adjustmentUsd: '0.000000040', adjustedCostUsd: '0.000000040' })
    expect(c).toMatchObject({ costUsd: null, adjustmentUsd: null, adjustedCostUsd: null, metadata: {} })
  })

  it('come in pages that go on behind a record, each record once', async () => {
    const all = (await read('')).items
    for (const limit of [1, 2, 3, 7, 1000]) expect(await everyItem('', limit)).toEqual(all)
  })

  it.each([
    '',
    'since=5w',
    'team=ads',
    'team=search',
    'status=failed',
    'run=run-1',
    'metadata.ticket=ABC-1',
    'metadata.ticket=none',
    'from=2026-11-23T11:00:00Z&to=2026-11-23T11:00:00.001Z',
    'from=2026-11-23T11:00:00.001Z',
    'to=2026-11-23T11:00:00Z',
  ])('add up to the nano-dollar to what /api/usage says of ?%s', async (query) => {
    const { totals } = (await house.call('GET', `/api/usage?${query}`)).body
    const items = await everyItem(query, 2)
    const { text } = await house.call('GET', `/api/usage/records?${query}&format=csv`)
    const [, ...lines] = text.trimEnd().split('\r\n')
    const nanosOf = (texts: readonly (string | null | undefined)[]) =>
      texts.reduce((sum, usd) => sum + (usd ? nanosIn(usd) : 0n), 0n)
    const isUnpriced = ({ adjustedCostUsd, inputUncached }: UsageLineBody) =>
      adjustedCostUsd === null && inputUncached > 0
    expect(nanosOf(items.map(({ adjustedCostUsd }) => adjustedCostUsd))).toBe(nanosIn(totals.costUsd))
    expect(nanosOf(items.map(({ adjustmentUsd }) => adjustmentUsd))).toBe(nanosIn(totals.adjustmentUsd))
    expect(nanosOf(lines.map((line) => line.split(',')[0]))).toBe(nanosIn(totals.costUsd))
    expect({
      requests: new Set(items.map(({ requestId }) => requestId)).size,
      attempts: items.filter(({ attempt }) => attempt > 0).length,
      inputTokens: items.reduce((sum, { inputUncached }) => sum + inputUncached, 0),
      outputTokens: items.reduce((sum, { outputText }) => sum + outputText, 0),
      unpricedAttempts: items.filter(isUnpriced).length,
    }).toEqual({
      requests: totals.requests,
      attempts: totals.attempts,
      inputTokens: totals.inputTokens,
      outputTokens: totals.outputTokens,
      unpricedAttempts: totals.unpricedAttempts,
    })
    expect(lines).toHaveLength(items.length)
  })

  it('L6: as CSV are lines under the names of their properties; cells that would be formulas are not', async () => {
    const asked = await house.call('GET', '/api/usage/records?format=csv')
    expect(asked.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(asked.headers.get('content-disposition')).toBe('attachment; filename="usage-records.csv"')
    const accepted = await house.call('GET', '/api/usage/records', undefined, { accept: 'text/csv' })
    expect(accepted.text).toBe(asked.text)
    const [header, d, a, b] = asked.text.split('\r\n')
    expect(header).toBe(usageLineColumns.join(','))
    expect(d).toMatch(/^0\.000000040,0\.000000040,req_d,1,2026-11-23T10:59:59\.999Z,/)
    expect(a).toMatch(/^9007199\.254740991,-0\.000000002,req_a,1,/)
    expect(a).toContain(',"{""ticket"":""ABC-1"",""__proto__"":""x""}",')
    expect(b).toMatch(/^0\.000000005,,req_b,1,/)
    expect(asked.text).toContain(`,"'=HYPERLINK(""http://evil"")",`)
    expect(asked.text).toContain(",' +1,")
    expect((await house.call('GET', '/api/usage/records?team=none&format=csv')).text).toBe(`${header}\r\n`)
  })

  it.each([
    ['limit=0', expect.stringMatching(/^limit: /)],
    ['limit=1001', expect.stringMatching(/^limit: /)],
    ['after=x', expect.stringContaining('after: must be the `nextAfter` of the answer before')],
    ["after=1/1/x'%20OR%201", expect.stringContaining('after: must be the `nextAfter`')],
    ['by=team', expect.stringMatching(/^by: unknown key/)],
    ['metadata.=x', expect.stringContaining('the name of a label has 1 to 64 characters')],
    ['from=2026-01-02&to=2026-01-01', 'from: must be before `to`'],
    ['since=7d&from=2026-01-01', 'since: give since, or from and to, not both'],
    ['format=csv&limit=5', expect.stringMatching(/^CSV has all records and no pages/)],
    ['format=csv&after=1/1/x', expect.stringMatching(/^CSV has all records and no pages/)],
  ])('says what is wrong with ?%s', async (query, message) => {
    expect((await read(query)).error).toEqual({ code: 'invalid_request', message })
  })
})

describe('usage records as CSV, however many', () => {
  const record = (place: number) => ({
    record: sampleRecord({ requestId: `r${place}` }),
    reratedNanos: undefined,
    isResolved: false,
  })
  /** A store that never comes to an end. */
  async function endlessHouse(page: (question: RecordsQuestion) => Promise<RecordsPage>): Promise<AdminHouse> {
    const endless = await openAdminHouse((parts) => {
      const usage: UsageRecords = { ...parts.stores.usage, page }
      return { ...parts, stores: { ...parts.stores, usage } }
    })
    onTestFinished(() => endless.close())
    return endless
  }
  const next = { startedAtMs: 1, requestId: 'r', attempt: 1 }
  const fullPage = ({ limit }: RecordsQuestion): RecordsPage => ({
    records: Array.from({ length: limit }, (_, place) => record(place)),
    next,
  })

  it('are read as the client takes them, and no more once it has gone', async () => {
    let pages = 0
    const endless = await endlessHouse((question) => {
      pages += 1
      return Promise.resolve(fullPage(question))
    })
    const headers = { authorization: `Bearer ${endless.adminKey}` }
    const answer = await endless.app.request('/api/usage/records?format=csv', { headers })
    const reader = answer.body?.getReader()
    expect(pages).toBe(1)
    for (let chunk = 0; chunk < 100; chunk += 1) expect((await reader?.read())?.value?.length).toBeLessThan(100_000)
    const taken = pages
    expect(taken).toBeLessThanOrEqual(100)
    await reader?.cancel()
    expect(pages).toBe(taken)
  })

  it('break off where the store cannot go on: no client takes a part for the whole', async () => {
    let pages = 0
    const failing = await endlessHouse((question) => {
      pages += 1
      return pages > 3 ? Promise.reject(new Error('the disk is gone')) : Promise.resolve(fullPage(question))
    })
    const listener = await serveAdmin(failing.app, { host: '127.0.0.1', port: 0 })
    onTestFinished(() => listener.close())
    const headers = { authorization: `Bearer ${failing.adminKey}` }
    const answer = await fetch(`${listener.origin}/api/usage/records?format=csv`, { headers })
    expect(answer.status).toBe(200)
    await expect(answer.text()).rejects.toThrow('terminated')
    const still = await fetch(`${listener.origin}/api/config`, { headers })
    expect(still.status).toBe(200)
  })

  it('are refused as a whole where the store cannot even begin', async () => {
    const failing = await endlessHouse(() => Promise.reject(new Error('the disk is gone')))
    expect((await failing.call('GET', '/api/usage/records?format=csv')).status).toBe(500)
  })
})
