import { describe, expect, it } from 'vitest'
import { usageRecordFields, type UsageRecord } from '../canonical/usage-record.ts'
import { noUsage } from '../canonical/usage.ts'
import type { UsageSum } from '../stores/ports.ts'
import { usageRecordsAsCsv, usageSumsAsCsv } from './usage-csv.ts'
import { usageRecordAsJson, usageRecordJsonFields, usageSumAsJson } from './usage-json.ts'

const sum: UsageSum = {
  groups: { team: 'search', day: '2026-11-23' },
  requests: 2,
  attempts: 3,
  inputTokens: 1_200,
  outputTokens: 34,
  costNanos: 1_234_567_890n,
  unpricedAttempts: 1,
}

const record: UsageRecord = {
  requestId: 'r1',
  attempt: 1,
  startedAtMs: 1_795_000_000_000,
  durationMs: 12.5,
  firstByteMs: undefined,
  status: 'ok',
  errorKind: undefined,
  failureClass: undefined,
  reason: 'first target',
  httpStatus: 200,
  endpoint: '/v1/chat/completions',
  operation: 'chat',
  isStream: false,
  organisation: 'acme',
  team: 'search',
  project: undefined,
  user: undefined,
  agent: undefined,
  keyId: 'k1',
  metadata: '{"job":"1"}',
  endUser: undefined,
  requestedModel: 'smart',
  catalogModel: 'smart',
  provider: 'openai',
  targetModel: 'gpt-4o',
  responseModel: 'gpt-4o-2024-08-06',
  credentialId: 'openai#0',
  usageSource: 'provider',
  costNanos: 1n,
  priceVersion: 'genai-prices@0.1.8/openai/gpt-4o',
  providerCostNanos: undefined,
  configVersion: 'abc',
  ...noUsage,
  inputUncached: 7,
}

describe('a sum of usage', () => {
  it('shows money as text, in dollars and in nano-dollars (M16)', () => {
    expect(usageSumAsJson(sum)).toEqual({
      groups: { team: 'search', day: '2026-11-23' },
      requests: 2,
      attempts: 3,
      inputTokens: 1_200,
      outputTokens: 34,
      costUsd: '1.234567890',
      costNanos: '1234567890',
      unpricedAttempts: 1,
    })
  })

  it('shows a group without a value as null, and money beyond the doubles to the last digit', () => {
    const large = usageSumAsJson({ ...sum, groups: { team: undefined }, costNanos: 2n ** 62n + 1n })
    expect(large).toMatchObject({
      groups: { team: null },
      costNanos: '4611686018427387905',
      costUsd: '4611686018.427387905',
    })
    expect(JSON.parse(JSON.stringify(large))).toEqual(large)
  })

  it('is a line of CSV, in the columns that were asked for', () => {
    expect(usageSumsAsCsv([sum, { ...sum, groups: { day: '2026-11-24' } }], ['team', 'day'])).toBe(
      [
        'team,day,requests,attempts,inputTokens,outputTokens,costUsd,costNanos,unpricedAttempts',
        'search,2026-11-23,2,3,1200,34,1.234567890,1234567890,1',
        ',2026-11-24,2,3,1200,34,1.234567890,1234567890,1',
        '',
      ].join('\r\n'),
    )
  })

  it('without any rows is a header', () => {
    expect(usageSumsAsCsv([], ['model'])).toBe(
      'model,requests,attempts,inputTokens,outputTokens,costUsd,costNanos,unpricedAttempts\r\n',
    )
  })
})

describe('a usage record', () => {
  it('as JSON has every field, null for what is absent, and dollars beside nano-dollars', () => {
    const json = usageRecordAsJson(record)
    expect(Object.keys(json)).toEqual(usageRecordJsonFields)
    for (const field of usageRecordFields) expect(json).toHaveProperty(field)
    expect(json).toMatchObject({
      schemaVersion: 1,
      requestId: 'r1',
      firstByteMs: null,
      isStream: false,
      costNanos: '1',
      costUsd: '0.000000001',
      providerCostNanos: null,
      providerCostUsd: null,
      inputUncached: 7,
    })
    expect(JSON.parse(JSON.stringify(json))).toEqual(json)
  })

  it('whose price is unknown has no cost, which is not a cost of zero (M10)', () => {
    expect(usageRecordAsJson({ ...record, costNanos: undefined })).toMatchObject({ costNanos: null, costUsd: null })
    expect(usageRecordAsJson({ ...record, costNanos: 0n })).toMatchObject({ costNanos: '0', costUsd: '0.000000000' })
  })

  it('as CSV has a column for each key of the JSON', () => {
    const [header, line, ...rest] = usageRecordsAsCsv([record]).split('\r\n')
    expect(header).toBe(usageRecordJsonFields.join(','))
    expect(line).toMatch(/^1,r1,1,1795000000000,12\.5,,ok,/)
    expect(line).toContain('"{""job"":""1""}"')
    expect(rest).toEqual([''])
  })
})

describe('a cell of the CSV', () => {
  it.each([
    ['=HYPERLINK("http://evil.example")', `"'=HYPERLINK(""http://evil.example"")"`],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['\r=1', `"'\r=1"`],
    ['＝1', "'＝1"],
    ['a,b', '"a,b"'],
    ['a\r\nb', '"a\r\nb"'],
    ['a\r=1', '"a\r=1"'],
    ['a\n=1', '"a\n=1"'],
    ['a"b', '"a""b"'],
    ['a=b', 'a=b'],
  ])('holding %j is harmless in a spreadsheet (L6)', (agent, cell) => {
    const csv = usageSumsAsCsv([{ ...sum, groups: { agent } }], ['agent'])
    expect(csv.slice(csv.indexOf('\r\n') + 2)).toBe(`${cell},2,3,1200,34,1.234567890,1234567890,1\r\n`)
  })
})
