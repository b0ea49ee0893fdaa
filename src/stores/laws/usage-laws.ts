import { describe, expect, it } from 'vitest'
import { inputTokensOf, noUsage, outputTokensOf, ownUnits, usageComponents } from '../../canonical/usage.ts'
import { monitoredAttempt } from '../../canonical/usage-record.ts'
import type { UsageGroup, UsageQuestion } from '../ports/usage-records.ts'
import type { LawBench } from './law-bench.ts'
import { sampleIntent, sampleRecord } from './sample-records.ts'

/** What is appended stays, once, and can be asked for. */
export function usageLaws(bench: LawBench): void {
  describe('usage records', () => {
    it('gives a record back as it was appended, with all its attempts in order', async () => {
      const first = sampleRecord({ attempt: 1, status: 'failed', errorKind: 'upstream_overloaded', costNanos: 0n })
      const second = sampleRecord({
        attempt: 2,
        costNanos: 9_007_199_254_740_993n,
        providerCostNanos: 5n,
        team: undefined,
      })
      await bench.append(second, first, sampleRecord({ requestId: 'another' }))
      expect(await bench.stores.usage.ofRequest(first.requestId)).toStrictEqual([first, second])
      expect(await bench.stores.usage.ofRequest('never')).toEqual([])
    })

    it('M9: repeating an append changes nothing, at once, later and after a restart', async () => {
      const record = sampleRecord()
      await bench.append(record, record)
      await bench.append({ ...record, costNanos: 1n })
      await bench.reopen()
      await bench.append(record)
      expect(await bench.stores.usage.ofRequest(record.requestId)).toStrictEqual([record])
      expect(await bench.sums([])).toMatchObject([{ requests: 1, attempts: 1, costNanos: record.costNanos }])
    })

    it('sees what was appended before the question, without waiting for it to be written', async () => {
      for (let index = 0; index < 10; index += 1) bench.stores.usage.append(sampleRecord({ requestId: `r${index}` }))
      const [sum] = await bench.sums([])
      expect(sum?.requests).toBe(10)
      bench.stores.usage.append(sampleRecord({ requestId: 'one more' }))
      expect(await bench.stores.usage.ofRequest('one more')).toHaveLength(1)
    })

    it('M6: keeps more distinct keys than fit a batch, all at once', async () => {
      const count = 2300
      await bench.append(
        ...Array.from({ length: count }, (_, index) =>
          sampleRecord({ requestId: `r${index}`, keyId: `key${index}`, costNanos: BigInt(index) }),
        ),
      )
      const sums = await bench.sums(['key'])
      expect(sums).toHaveLength(count)
      expect(sums.reduce((total, sum) => total + sum.costNanos, 0n)).toBe(BigInt((count * (count - 1)) / 2))
      await bench.reopen()
      expect(await bench.sums(['key'])).toEqual(sums)
    })

    it('sums by every group, the biggest cost first', async () => {
      const day = Date.UTC(2026, 10, 23)
      await bench.append(
        sampleRecord({ requestId: 'a', startedAtMs: day + 3_599_999, costNanos: 10n }),
        sampleRecord({
          requestId: 'b',
          startedAtMs: day + 3_600_000,
          costNanos: 30n,
          provider: 'claude',
          user: 'ada',
          catalogModel: undefined,
          requestedModel: 'openai/gpt-5.2',
        }),
        sampleRecord({
          requestId: 'c',
          startedAtMs: day + 86_400_000,
          costNanos: 20n,
          organisation: 'other',
          team: undefined,
          project: undefined,
          agent: undefined,
          keyId: 'k2',
          status: 'truncated',
          usageSource: 'worst_case',
          endUser: undefined,
          runId: 'run-7',
          metadata: '{"env":"test"}',
        }),
      )
      const expected: Readonly<Record<UsageGroup, readonly (readonly [string | undefined, bigint])[]>> = {
        organisation: [
          ['acme', 40n],
          ['other', 20n],
        ],
        team: [
          ['search', 40n],
          [undefined, 20n],
        ],
        project: [
          ['crawler', 40n],
          [undefined, 20n],
        ],
        user: [
          ['ada', 30n],
          [undefined, 30n],
        ],
        agent: [
          ['fetcher', 40n],
          [undefined, 20n],
        ],
        key: [
          ['abcdefghij', 40n],
          ['k2', 20n],
        ],
        model: [
          ['openai/gpt-5.2', 30n],
          ['smart', 30n],
        ],
        usageSource: [
          ['provider', 40n],
          ['worst_case', 20n],
        ],
        endUser: [
          ['user-1234', 40n],
          [undefined, 20n],
        ],
        run: [
          [undefined, 40n],
          ['run-7', 20n],
        ],
        'metadata.env': [
          ['production', 40n],
          ['test', 20n],
        ],
        'metadata.never': [[undefined, 60n]],
        provider: [
          ['claude', 30n],
          ['openai', 30n],
        ],
        status: [
          ['ok', 40n],
          ['truncated', 20n],
        ],
        day: [
          ['2026-11-23', 40n],
          ['2026-11-24', 20n],
        ],
        hour: [
          ['2026-11-23T01:00Z', 30n],
          ['2026-11-24T00:00Z', 20n],
          ['2026-11-23T00:00Z', 10n],
        ],
      }
      for (const [group, rows] of Object.entries(expected) as [UsageGroup, (typeof expected)[UsageGroup]][]) {
        const sums = await bench.sums([group])
        const found = sums.map((sum) => [sum.groups[group], sum.costNanos] as const)
        expect(
          found.map(([, cost]) => cost),
          group,
        ).toEqual(found.map(([, cost]) => cost).toSorted((one, other) => Number(other - one)))
        expect(new Map(found), group).toEqual(new Map(rows))
        expect(
          sums.every((sum) => Object.keys(sum.groups).join() === group),
          group,
        ).toBe(true)
      }
      expect(await bench.sums(['organisation', 'provider'])).toMatchObject([
        { groups: { organisation: 'acme', provider: 'claude' }, costNanos: 30n },
        { groups: { organisation: 'other', provider: 'openai' }, costNanos: 20n },
        { groups: { organisation: 'acme', provider: 'openai' }, costNanos: 10n },
      ])
    })

    it('counts exchanges and attempts apart, and a call refused before any attempt as an exchange only', async () => {
      await bench.append(
        sampleRecord({ requestId: 'retried', attempt: 1, status: 'failed' }),
        sampleRecord({ requestId: 'retried', attempt: 2 }),
        sampleRecord({ requestId: 'refused', attempt: 0, status: 'refused', ...noUsage, costNanos: 0n }),
      )
      expect(await bench.sums([])).toMatchObject([{ requests: 2, attempts: 2, unpricedAttempts: 0 }])
    })

    it('keeps what guardrails saw afterwards last among the records of its exchange, and counts it as nothing', async () => {
      await bench.append(
        sampleRecord({
          requestId: 'watched',
          attempt: monitoredAttempt,
          provider: undefined,
          ...noUsage,
          costNanos: 0n,
        }),
        sampleRecord({ requestId: 'watched', attempt: 1, provider: 'claude' }),
      )
      expect(await bench.sums(['provider'])).toMatchObject([
        { groups: { provider: 'claude' }, requests: 1, attempts: 1 },
      ])
      expect((await bench.stores.usage.ofRequest('watched')).map(({ attempt }) => attempt)).toEqual([
        1,
        monitoredAttempt,
      ])
    })

    it('adds up every component of usage on its own side', async () => {
      const usage = Object.fromEntries(usageComponents.map((component, index) => [component, 2 ** index]))
      const record = sampleRecord(usage)
      await bench.append(record)
      expect(await bench.sums([])).toMatchObject([
        {
          inputTokens: inputTokensOf(record),
          outputTokens: outputTokensOf(record),
          units: Object.fromEntries(ownUnits.map((unit) => [unit, record[unit]])),
        },
      ])
    })

    it('M10: counts what has no price apart, and never as zero money', async () => {
      await bench.append(
        sampleRecord({ requestId: 'priced', costNanos: 7n }),
        sampleRecord({ requestId: 'unpriced', costNanos: undefined, priceVersion: undefined }),
        sampleRecord({ requestId: 'free', costNanos: 0n }),
        sampleRecord({ requestId: 'not sent', costNanos: undefined, ...noUsage }),
      )
      expect(await bench.sums([])).toMatchObject([{ attempts: 4, costNanos: 7n, unpricedAttempts: 1 }])
      expect((await bench.stores.usage.ofRequest('unpriced')).map(({ costNanos }) => costNanos)).toEqual([undefined])
      expect((await bench.stores.usage.ofRequest('free')).map(({ costNanos }) => costNanos)).toEqual([0n])
    })

    it('takes the start of a span and leaves its end, and filters by every field', async () => {
      const at = sampleRecord().startedAtMs
      await bench.append(
        sampleRecord({ requestId: 'before', startedAtMs: at - 1 }),
        sampleRecord({ requestId: 'first' }),
        sampleRecord({ requestId: 'end', startedAtMs: at + 10 }),
      )
      const count = async (question: Partial<UsageQuestion>): Promise<number | undefined> =>
        (await bench.stores.usage.query({ by: [], fromMs: at, untilMs: at + 10, where: {}, ...question }))[0]?.requests
      expect(await count({})).toBe(1)
      expect(
        await count({
          where: {
            organisation: 'acme',
            team: 'search',
            project: 'crawler',
            agent: 'fetcher',
            key: 'abcdefghij',
            model: 'smart',
            provider: 'openai',
            status: 'ok',
            usageSource: 'provider',
            endUser: 'user-1234',
            'metadata.env': 'production',
          },
        }),
      ).toBe(1)
      expect(await count({ where: { run: 'run-7' } })).toBe(0)
      expect(await count({ where: { 'metadata.env': 'test' } })).toBe(0)
      expect(await count({ where: { 'metadata.region': 'production' } })).toBe(0)
      expect(await count({ where: { user: 'ada' } })).toBe(0)
      expect(await count({ where: { organisation: 'other' } })).toBe(0)
      expect(await bench.sums(['team'], { organisation: 'other' })).toEqual([])
    })

    it('groups and filters by labels of any name, each apart', async () => {
      const names = ['a', 'A', 'a.b', '$.a', '[0]', '0', 'a"b', "a'b", 'a\\b', 'a,b', 'ß', '__proto__', "' OR '1'='1"]
      for (const [place, name] of names.entries())
        await bench.append(
          sampleRecord({
            requestId: `r${place}`,
            metadata: JSON.stringify(Object.fromEntries([[name, `value of ${name}`]])),
          }),
        )
      for (const [place, name] of names.entries()) {
        const group = `metadata.${name}` as const
        const sums = await bench.sums([group, 'team'], { [group]: `value of ${name}` })
        expect(sums).toMatchObject([{ requests: 1, groups: { [group]: `value of ${name}`, team: 'search' } }])
        const [none, own] = await bench.sums([group])
        expect([place, none?.requests, own?.groups[group]]).toEqual([place, names.length - 1, `value of ${name}`])
      }
    })

    it('A1: SQL in a filter is a value like any other, and an unknown group is refused', async () => {
      await bench.append(sampleRecord())
      expect(await bench.sums(['team'], { team: "' OR '1'='1" })).toEqual([])
      const hostile = ['team; DROP TABLE usage_records'] as unknown as readonly UsageGroup[]
      await expect(bench.sums(hostile)).rejects.toMatchObject({ kind: 'invalid_request' })
      expect(await bench.sums(['team'])).toHaveLength(1)
    })
  })

  describe('an attempt whose process died', () => {
    it('M5: becomes one record of status unknown, at its worst case; one that had ended keeps its end', async () => {
      const ended = sampleRecord({ requestId: 'ended' })
      const open = sampleIntent({ requestId: 'open', inputUncached: 4000, outputText: 32_000, costNanos: 500n })
      await bench.stores.close()
      await bench.kind.runAndDie(bench.dir, {
        intents: [sampleIntent({ requestId: 'ended' }), open],
        terminals: [ended],
      })
      await bench.open()
      expect(await bench.stores.usage.ofRequest('open')).toStrictEqual([open])
      expect(await bench.stores.usage.ofRequest('ended')).toStrictEqual([ended])
    })

    it('is found once: opening again changes nothing', async () => {
      await bench.stores.close()
      await bench.kind.runAndDie(bench.dir, { intents: [sampleIntent({ requestId: 'open' })], terminals: [] })
      await bench.kind.runAndDie(bench.dir, { intents: [sampleIntent({ requestId: 'second' })], terminals: [] })
      await bench.open()
      const sums = await bench.sums(['status'])
      expect(sums).toMatchObject([{ groups: { status: 'unknown' }, requests: 2, attempts: 2 }])
      await bench.reopen()
      await bench.reopen()
      expect(await bench.sums(['status'])).toEqual(sums)
    })
  })
}
