import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { usageRecordColumns, usageRecordFields, type UsageRecord } from '../canonical/usage-record.ts'
import { noUsage } from '../canonical/usage.ts'
import { SpoolError } from './spool-format.ts'
import { attemptIn, decodeUsagePayload, encodeUsagePayload, readUsageValues } from './usage-payload.ts'

const record: UsageRecord = {
  requestId: 'r1',
  attempt: 1,
  startedAtMs: 1_795_444_200_000,
  durationMs: 12.5,
  firstByteMs: undefined,
  status: 'ok',
  errorKind: undefined,
  failureClass: undefined,
  reason: 'first',
  httpStatus: 200,
  endpoint: '/v1/messages',
  operation: 'chat',
  isStream: false,
  organisation: 'acme',
  team: undefined,
  project: undefined,
  user: 'ada',
  agent: undefined,
  keyId: 'abcdefghij',
  metadata: '{}',
  endUser: undefined,
  requestedModel: 'smart',
  catalogModel: 'smart',
  provider: 'claude',
  targetModel: 'claude-sonnet-4-6',
  responseModel: undefined,
  credentialId: undefined,
  usageSource: 'provider',
  costNanos: 9_007_199_254_740_993n,
  priceVersion: undefined,
  providerCostNanos: undefined,
  configVersion: 'c1',
  losses: undefined,
  decision: undefined,
  runId: undefined,
  postings: undefined,
  cappedBy: undefined,
  excess: undefined,
  ...noUsage,
}

/** In the list, behind the version. */
const placeOf = (field: keyof UsageRecord): number => usageRecordFields.indexOf(field) + 1

describe('the payload of a usage record', () => {
  it('holds the values in the order of the one description, behind the version; the decision in a line of its own', () => {
    const columns = Object.values(usageRecordColumns)
    // Each field gets a value that only it has, so that two swapped places would show.
    const marked = Object.fromEntries(
      usageRecordFields.map((field, place) => {
        const kind = columns[place]?.kind
        if (kind === 'text') return [field, `text ${place}`]
        if (kind === 'nanos') return [field, BigInt(place)]
        return [field, kind === 'boolean' ? true : place]
      }),
    ) as unknown as UsageRecord
    const expected = usageRecordFields.map((field) => {
      if (field === 'decision') return null
      return typeof marked[field] === 'bigint' ? String(marked[field]) : marked[field]
    })
    const [list = '', ...lines] = encodeUsagePayload(marked).split('\n')
    expect(JSON.parse(list)).toEqual([2, ...expected])
    expect(lines).toEqual([marked.decision])
  })

  it('gives back the record, what is undefined included, and nano-dollars beyond 2^53 exactly', () => {
    expect(decodeUsagePayload(encodeUsagePayload(record))).toStrictEqual(record)
  })

  it('reads a record of the Weir before the decision was kept', () => {
    const before = JSON.stringify(JSON.parse(encodeUsagePayload(record)).slice(0, -1))
    expect(decodeUsagePayload(before)).toStrictEqual(record)
  })

  it('reads what the Weir before this one wrote, with the decision in the array', () => {
    const version1 =
      '[1,"r1",1,1795444200000,12.5,null,"ok",null,null,"first",200,"/v1/messages","chat",false,"acme",null,null,"ada",null,' +
      '"abcdefghij","{}",null,"smart","smart","claude","claude-sonnet-4-6",null,null,"provider","9007199254740993",null,null,' +
      '"c1",null,0,0,0,0,0,0,0,0,0,0,0,0,"{\\"rates\\":{}}",null,null,null,0,0,0,0]'
    expect(decodeUsagePayload(version1)).toStrictEqual({ ...record, decision: '{"rates":{}}' })
    expect(attemptIn(version1)).toEqual({ requestId: 'r1', attempt: 1 })
  })

  it('gives back any text and any number a record can hold', () => {
    const anyRecord = fc.record({
      metadata: fc.string({ unit: 'binary' }),
      endUser: fc.option(fc.string({ unit: 'binary' }), { nil: undefined }),
      decision: fc.option(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', '\n', 'two\nlines', '\ud800')), {
        nil: undefined,
      }),
      durationMs: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
      costNanos: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { nil: undefined }),
      inputUncached: fc.maxSafeNat(),
      isStream: fc.boolean(),
    })
    fc.assert(
      fc.property(anyRecord, (changes) => {
        const changed = { ...record, ...changes }
        // As bytes, since that is how it comes back.
        expect(decodeUsagePayload(Buffer.from(encodeUsagePayload(changed)).toString())).toEqual(changed)
      }),
    )
  })

  it('tells its attempt from its beginning, whatever the rest and whatever the name', () => {
    const names = fc.oneof(
      fc.constant('req_019ad3c1b2c4_-A'),
      fc.string({ unit: 'binary' }),
      fc.string({ minLength: 200 }),
    )
    fc.assert(
      fc.property(names, fc.nat(), (requestId, attempt) => {
        const { requestId: found, attempt: number } = attemptIn(encodeUsagePayload({ ...record, requestId, attempt }))
        expect([found, number]).toEqual([requestId, attempt])
      }),
    )
    expect(() => attemptIn('[3,"r1",1,')).toThrow(SpoolError)
    expect(() => attemptIn('[1,"r\\"1",1,')).toThrow(SpoolError)
  })

  it('that was written before there were units has none of them', () => {
    const values: unknown[] = JSON.parse(
      encodeUsagePayload({ ...record, searches: 1, images: 2, audioSeconds: 3, characters: 4 }),
    )
    const before = decodeUsagePayload(JSON.stringify(values.slice(0, placeOf('searches'))))
    expect(before).toEqual({ ...record, searches: 0, images: 0, audioSeconds: 0, characters: 0 })
  })

  it('that was written before cached sounds and pictures were told apart has none of them', () => {
    const values: unknown[] = JSON.parse(encodeUsagePayload({ ...record, cacheReadAudio: 1, cacheReadImage: 2 }))
    const before = decodeUsagePayload(JSON.stringify(values.slice(0, placeOf('cacheReadAudio'))))
    expect(before).toEqual({ ...record, cacheReadAudio: 0, cacheReadImage: 0 })
  })

  // A record that the database refuses would hold up every record behind it, so it is refused where it is made.
  it.each([
    ['durationMs', Number.NaN],
    ['durationMs', Infinity],
    ['attempt', 1.5],
    ['inputUncached', 2 ** 53],
    ['inputUncached', undefined],
    ['organisation', undefined],
    ['costNanos', 2n ** 63n],
  ])('refuses %s = %s', (field, value) => {
    expect(() => encodeUsagePayload({ ...record, [field]: value })).toThrow(TypeError)
  })

  it.each([
    ['of a newer version', '[3,"r1"]'],
    ['with a value missing', JSON.stringify(JSON.parse(encodeUsagePayload(record)).slice(0, placeOf('webSearches')))],
    ['with a value too many', JSON.stringify([...JSON.parse(encodeUsagePayload(record)), null])],
    ['with a value of the wrong kind', JSON.stringify([1, 7, ...JSON.parse(encodeUsagePayload(record)).slice(2)])],
    ['of version 1 with a line behind it', `${encodeUsagePayload(record).replace('[2', '[1')}\n{}`],
    [
      'with two decisions',
      `${JSON.stringify(JSON.parse(encodeUsagePayload(record)).with(placeOf('decision'), '{}'))}\n{}`,
    ],
    ['that is no list', '{}'],
    ['that is no JSON', '[1,'],
  ])('refuses to read a record %s', (_, payload) => {
    expect(() => readUsageValues(payload)).toThrow(SpoolError)
  })
})
