import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openAdminHouse, type AdminHouse } from '../../test/admin-house.ts'
import { usageRecordFields } from '../canonical/usage-record.ts'
import { sampleRecord } from '../stores/laws/sample-records.ts'
import { exchangeBody, usageRecordBody } from './contract/exchange.ts'

let house: AdminHouse
beforeAll(async () => {
  house = await openAdminHouse()
  const startedAtMs = house.clock.nowMs() - 3_600_000
  const { usage } = house.stores
  const record = (changes: Parameters<typeof sampleRecord>[0]) =>
    usage.append(sampleRecord({ startedAtMs, ...changes }))
  record({ requestId: 'req_1', costNanos: 1_000_000_001n })
  record({ requestId: 'req_2', attempt: 1, status: 'failed', costNanos: 5n, team: 'search' })
  record({ requestId: 'req_2', attempt: 2, catalogModel: 'other', costNanos: undefined, priceVersion: undefined })
  record({ requestId: 'req_3', team: undefined, catalogModel: '=HYPERLINK("http://evil")', costNanos: 2n })
  record({ requestId: 'req_old', startedAtMs: house.clock.nowMs() - 30 * 86_400_000, costNanos: 7n })
  await usage.written()
})
afterAll(() => house.close())

describe('usage', () => {
  it('sums by the asked groups, biggest cost first, money as decimal text', async () => {
    const { status, body } = await house.call('GET', '/api/usage?by=team,model')
    expect(status).toBe(200)
    expect(body.by).toEqual(['team', 'model'])
    expect(body.rows[0]).toMatchObject({ groups: { team: 'search', model: 'smart' }, costUsd: '1.000000006' })
    expect(body.rows.map(({ groups }: { groups: object }) => groups)).toContainEqual({
      team: null,
      model: '=HYPERLINK("http://evil")',
    })
    expect(body.rows.find((row: { unpricedAttempts: number }) => row.unpricedAttempts > 0)).toMatchObject({
      groups: { model: 'other' },
      unpricedAttempts: 1,
      costUsd: '0.000000000',
    })
  })

  it('totals add up, and count an exchange with attempts in two rows once', async () => {
    const { rows, totals } = (await house.call('GET', '/api/usage?by=model')).body
    expect(rows.reduce((sum: number, row: { requests: number }) => sum + row.requests, 0)).toBe(4)
    expect(totals).toMatchObject({ requests: 3, attempts: 4, costUsd: '1.000000008', unpricedAttempts: 1 })
    expect((await house.call('GET', '/api/usage')).body).toMatchObject({ by: [], totals, rows: [{ groups: {} }] })
  })

  it('takes a time as since, or from and to; seven days when nothing is said', async () => {
    const requests = async (query: string) => (await house.call('GET', `/api/usage?${query}`)).body.totals.requests
    expect(await requests('')).toBe(3)
    expect(await requests('since=5w')).toBe(4)
    expect(await requests('since=30m')).toBe(0)
    expect(await requests('from=2026-10-24&to=2026-10-25')).toBe(1)
    expect(await requests('from=2026-10-24T13:00:00%2B02:00')).toBe(4)
    expect((await house.call('GET', '/api/usage?since=1h')).body).toMatchObject({
      from: '2026-11-23T11:00:00.000Z',
      to: '2026-11-23T12:00:00.000Z',
    })
  })

  it('filters', async () => {
    const { body } = await house.call('GET', '/api/usage?by=status&team=search&status=failed')
    expect(body.rows).toEqual([expect.objectContaining({ groups: { status: 'failed' }, attempts: 1 })])
  })

  it('groups and filters by end user, run and label', async () => {
    const startedAtMs = Date.parse('2026-09-01T12:00:00Z')
    const labelled = (requestId: string, labels: object, more: Parameters<typeof sampleRecord>[0] = {}) =>
      house.stores.usage.append(
        sampleRecord({ requestId, startedAtMs, costNanos: 1n, metadata: JSON.stringify(labels), ...more }),
      )
    labelled('req_l1', { ticket: 'ABC-1', 'a,b': 'x' })
    labelled('req_l2', { ticket: 'ABC-1' }, { endUser: 'eve', runId: 'run/1' })
    labelled('req_l3', { ticket: '', Ticket: 'other' })
    await house.stores.usage.written()
    const ask = async (query: string) =>
      (await house.call('GET', `/api/usage?from=2026-09-01&to=2026-09-02&${query}`)).body
    const groups = async (query: string) => (await ask(query)).rows.map((row: { groups: object }) => row.groups)
    expect(await groups('by=metadata.ticket')).toEqual([{ 'metadata.ticket': 'ABC-1' }, { 'metadata.ticket': '' }])
    expect(await groups('by=metadata.a%5C,b,endUser&metadata.ticket=ABC-1')).toEqual([
      { 'metadata.a,b': null, endUser: 'eve' },
      { 'metadata.a,b': 'x', endUser: 'user-1234' },
    ])
    expect(await ask('by=run&endUser=eve')).toMatchObject({ by: ['run'], rows: [{ groups: { run: 'run/1' } }] })
    expect((await ask('run=run/1')).totals.requests).toBe(1)
    expect((await ask('metadata.ticket=')).totals.requests).toBe(1)
    expect((await ask('metadata.ticket=ABC-1&metadata.a,b=x')).totals.requests).toBe(1)
    expect((await ask('metadata.__proto__=x')).totals.requests).toBe(0)
    const csv = await house.call('GET', '/api/usage?from=2026-09-01&to=2026-09-02&by=metadata.a%5C,b&format=csv')
    expect(csv.text).toMatch(/^"metadata.a,b",requests,/)
  })

  it.each([
    ['by=metadata.', 'by: the name of a label has 1 to 64 characters, and no control characters'],
    [`by=metadata.${'n'.repeat(65)}`, 'by: the name of a label has 1 to 64 characters, and no control characters'],
    ['by=metadata.a%00', 'by: the name of a label has 1 to 64 characters, and no control characters'],
    ['metadata.=x', '["metadata."]: the name of a label has 1 to 64 characters, and no control characters'],
    ['by=metadata.a,metadata.a', expect.stringMatching(/^by: must be different names out of .*metadata\.<name>/)],
    ['by=metadata.a%5C', expect.stringMatching(/^by: must be different names/)],
    ['by=metadata.a,', expect.stringMatching(/^by: must be different names/)],
    [
      'by=metadata.1,metadata.2,metadata.3,metadata.4,metadata.5,metadata.6',
      'by: at most 5 labels can be asked for at once',
    ],
    [
      'metadata.1=&metadata.2=&metadata.3=&metadata.4=&metadata.5=&metadata.6=',
      'at most 5 labels can be asked for at once',
    ],
    [
      `metadata.a=${'v'.repeat(257)}`,
      '["metadata.a"]: must be given once, with at most 256 characters and no control characters',
    ],
    ['metadata.a=1&metadata.a=2', '["metadata.a"]: is given more than once; give it once'],
    ['metadata=x', expect.stringMatching(/^metadata: unknown key/)],
    ['teem=x', 'teem: unknown key; did you mean "team"?'],
  ])('says what is wrong with ?%s', async (query, message) => {
    expect((await house.call('GET', `/api/usage?${query}`)).body.error).toEqual({ code: 'invalid_request', message })
  })

  it('L6: CSV by parameter or by Accept; cells that would be formulas are not', async () => {
    const asked = await house.call('GET', '/api/usage?by=model&format=csv')
    const accepted = await house.call('GET', '/api/usage?by=model', undefined, { accept: 'text/csv, */*;q=0.1' })
    expect(asked.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(accepted.text).toBe(asked.text)
    expect(asked.text.split('\r\n').slice(0, 2)).toEqual([
      'model,requests,attempts,inputTokens,outputTokens,costUsd,unpricedAttempts,adjustmentUsd,searches,images,audioSeconds,characters',
      'smart,2,2,3000,642,1.000000006,0,0.000000000,0,0,0,0',
    ])
    expect(asked.text).toContain(`"'=HYPERLINK(""http://evil"")",1`)
    expect(
      (await house.call('GET', '/api/usage?by=model&format=json', undefined, { accept: 'text/csv' })).body.rows,
    ).toBeDefined()
    for (const accept of ['application/json, text/csv;q=0.1', 'text/csv;q=0', '*/*'])
      expect((await house.call('GET', '/api/usage?by=model', undefined, { accept })).body.rows).toBeDefined()
  })

  it.each([
    'by=tem',
    'by=team,team',
    'by=',
    'since=7',
    'since=0d',
    'since=1e9d',
    'since=7d&from=2026-01-01',
    'from=2026-01-02&to=2026-01-01',
    'from=yesterday',
    'format=xml',
    'teem=x',
    'day=2026-01-01',
    'team=',
  ])('refuses ?%s', async (query) => {
    expect((await house.call('GET', `/api/usage?${query}`)).body.error.code).toBe('invalid_request')
  })

  it('refuses what would be too many rows rather than cut them', async () => {
    const sum = {
      groups: {},
      requests: 1,
      attempts: 1,
      inputTokens: 1,
      outputTokens: 1,
      units: { searches: 0, images: 0, audioSeconds: 0, characters: 0 },
      costNanos: 1n,
      unpricedAttempts: 0,
      adjustmentNanos: 0n,
    }
    const crowded = await openAdminHouse((parts) => ({
      ...parts,
      stores: {
        ...parts.stores,
        usage: { ...parts.stores.usage, query: () => Promise.resolve(Array.from({ length: 10_001 }, () => sum)) },
      },
    }))
    const answer = await crowded.call('GET', '/api/usage?by=key,hour')
    expect(answer.body.error.message).toMatch(/10001 rows/)
    await crowded.close()
  })
})

describe('one exchange', () => {
  it('has a record for each attempt, with every field of the record’s description', async () => {
    const { body } = await house.call('GET', '/api/exchanges/req_2')
    expect(body.id).toBe('req_2')
    expect(body.records.map(({ attempt }: { attempt: number }) => attempt)).toEqual([1, 2])
    for (const record of body.records) {
      expect(Object.keys(record)).toHaveLength(usageRecordFields.length)
      expect(usageRecordBody.strict().safeParse(record).error).toBeUndefined()
    }
    expect(body.records[0]).toMatchObject({
      startedAt: '2026-11-23T11:00:00.000Z',
      costUsd: '0.000000005',
      providerCostUsd: null,
      metadata: { env: 'production' },
      isStream: true,
    })
    expect(body.records[1]).toMatchObject({ costUsd: null, priceVersion: null })
  })

  it('tells why it went where it went, put together from its records', async () => {
    const { usage } = house.stores
    const both = { requestId: 'req_decided', startedAtMs: house.clock.nowMs(), targetModel: 'm' }
    const failed = { status: 'failed', errorKind: 'upstream_overloaded', failureClass: 'refused' } as const
    usage.append(sampleRecord({ ...both, ...failed, attempt: 1, provider: 'one', reason: 'priority 1 of 2' }))
    const decision = JSON.stringify({
      strategy: 'priority',
      candidates: [
        { target: 'one/m', reason: 'priority 1 of 2' },
        { target: 'two/m', reason: 'priority 2 of 2' },
      ],
      verdicts: { 1: 'next-target: upstream_overloaded (refused)' },
      rates: { inputUncached: '1.5' },
    })
    const second = { attempt: 2, provider: 'two', costNanos: 2_250_000n, inputUncached: 1_500, decision }
    usage.append(sampleRecord({ ...both, ...second, startedAtMs: both.startedAtMs + 7 }))
    await usage.written()
    const { body } = await house.call('GET', '/api/exchanges/req_decided')
    expect(exchangeBody.strict().safeParse(body).error).toBeUndefined()
    expect(body.decision).toMatchObject({
      strategy: 'priority',
      candidates: [{ target: 'one/m' }, { target: 'two/m' }],
      passedOver: [],
      limits: [],
      attempts: [
        { target: 'one/m', startedMs: 0, verdict: 'next-target: upstream_overloaded (refused)' },
        { target: 'two/m', startedMs: 7, outcome: 'ok', verdict: null },
      ],
      cost: {
        attempt: 2,
        lines: [{ component: 'inputUncached', count: 1_500, usdPerMillion: '1.5', nanos: '2250000' }],
        totalUsd: '0.002250000',
      },
    })
    expect((await house.call('GET', '/api/exchanges/req_1')).body.decision).toBeNull()
  })

  it('tells times to microseconds, without the noise of doubles', async () => {
    const { usage } = house.stores
    const times = { durationMs: 12.300000000000182, firstByteMs: 4.0999999999999 }
    usage.append(sampleRecord({ requestId: 'req_timed', ...times, decision: '{"strategy":"priority"}' }))
    await usage.written()
    const { body } = await house.call('GET', '/api/exchanges/req_timed')
    const told = { durationMs: 12.3, firstByteMs: 4.1 }
    expect(body).toMatchObject({ records: [told], decision: { attempts: [told] } })
  })

  it('that nobody recorded is not found', async () => {
    expect((await house.call('GET', '/api/exchanges/req_none')).body.error.code).toBe('not_found')
  })
})
