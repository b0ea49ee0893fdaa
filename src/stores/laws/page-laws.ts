import { describe, expect, it } from 'vitest'
import { monitoredAttempt, type UsageRecord } from '../../canonical/usage-record.ts'
import type { AdjustedRecord, RecordsQuestion } from '../ports/usage-records.ts'
import type { LawBench } from './law-bench.ts'
import { sampleEntry, sampleEvent, sampleRecord } from './sample-records.ts'

const at = sampleRecord().startedAtMs
const always = { fromMs: 0, untilMs: Number.MAX_SAFE_INTEGER, where: {}, after: undefined, limit: 100 } as const

/** Page by page, to the end. */
export async function allPages(bench: LawBench, asked: Partial<RecordsQuestion> = {}): Promise<AdjustedRecord[]> {
  const seen: AdjustedRecord[] = []
  for (let after: RecordsQuestion['after']; ;) {
    const { records, next } = await bench.stores.usage.page({ ...always, ...asked, after })
    seen.push(...records)
    expect(records.length).toBeLessThanOrEqual(asked.limit ?? always.limit)
    if (next === undefined) return seen
    after = next
  }
}

/** Records one by one: the same that sums count, each once. */
export function pageLaws(bench: LawBench): void {
  describe('pages of records', () => {
    it('go through every record of a span once, in the order of its start, as it was appended', async () => {
      const places = [
        { requestId: 'b', attempt: 0, startedAtMs: at },
        { requestId: 'b', attempt: 1, startedAtMs: at },
        { requestId: 'b', attempt: 2, startedAtMs: at },
        { requestId: 'c', attempt: 1, startedAtMs: at },
        { requestId: 'a', attempt: 1, startedAtMs: at + 1 },
      ]
      const outside = [
        { requestId: 'early', attempt: 1, startedAtMs: at - 1 },
        { requestId: 'late', attempt: 1, startedAtMs: at + 2 },
        { requestId: 'watched', attempt: monitoredAttempt, startedAtMs: at },
      ]
      await bench.append(...[...outside, ...places].toReversed().map((place) => sampleRecord(place)))
      for (const limit of [1, 2, 3, 5, 100]) {
        const seen = await allPages(bench, { fromMs: at, untilMs: at + 2, limit })
        expect(seen.map(({ record }) => record)).toStrictEqual(places.map((place) => sampleRecord(place)))
      }
    })

    it('end with the last record: no page behind it is empty', async () => {
      await bench.append(sampleRecord({ requestId: 'a' }), sampleRecord({ requestId: 'b' }))
      const { records, next } = await bench.stores.usage.page({ ...always, limit: 2 })
      expect([records.length, next]).toEqual([2, undefined])
    })

    it('leave out only the decision, which the exchange tells', async () => {
      const record = sampleRecord({ decision: '{"strategy":"priority"}', postings: '[["a","1"]]', endUser: 'a\0b' })
      await bench.append(record)
      expect(await allPages(bench)).toStrictEqual([
        { record: { ...record, decision: undefined }, reratedNanos: undefined, isResolved: false },
      ])
    })

    it('say what re-rating has added, where it has', async () => {
      await bench.append(sampleRecord(), sampleRecord({ requestId: 'zero' }), sampleRecord({ requestId: 'untouched' }))
      await bench.stores.entries.append(
        [sampleEntry(3n), sampleEntry(-1n), sampleEntry(9n, { accountId: 'x' })],
        sampleEvent,
      )
      await bench.stores.entries.append([sampleEntry(0n, { requestId: 'zero' })], sampleEvent)
      const seen = await allPages(bench)
      expect(new Map(seen.map(({ record, reratedNanos }) => [record.requestId, reratedNanos]))).toEqual(
        new Map([
          [sampleRecord().requestId, 2n],
          ['zero', 0n],
          ['untouched', undefined],
        ]),
      )
    })

    it('add up to what the sum says, under every filter', async () => {
      const records = madeUpRecords(120)
      await bench.append(...records)
      const entries = records
        .filter((_, place) => place % 7 === 0)
        .flatMap(({ requestId, attempt }, place) => [
          sampleEntry(BigInt(place * 11 - 40), { requestId, attempt }),
          sampleEntry(1n, { requestId, attempt }),
          sampleEntry(999n, { requestId, attempt, accountId: 'team acme/monthly usd/month@2026-11' }),
        ])
      await bench.stores.entries.append(entries, sampleEvent)
      const [one] = records
      const filters = [{}, { team: 'search' }, { user: 'ada', status: 'ok' }, { run: 'run-1' }, { team: 'none' }]
      const spans = [{}, { fromMs: at + 10 }, { untilMs: at + 11 }, { fromMs: at + 3, untilMs: at + 20 }]
      for (const where of [...filters, { 'metadata.env': 'test' }, { key: one?.keyId ?? '', model: 'smart' }])
        for (const span of spans) {
          const question = { ...always, where, ...span }
          const lines = await allPages(bench, { where, ...span, limit: 7 })
          const [sum] = await bench.stores.usage.query({ ...question, by: [] })
          const costOf = ({ record, reratedNanos }: AdjustedRecord) => (record.costNanos ?? 0n) + (reratedNanos ?? 0n)
          const unpriced = lines.filter(
            ({ record, reratedNanos }) =>
              record.costNanos === undefined && reratedNanos === undefined && record.inputUncached > 0,
          )
          expect({
            requests: new Set(lines.map(({ record }) => record.requestId)).size,
            attempts: lines.filter(({ record }) => record.attempt > 0).length,
            costNanos: lines.reduce((total, line) => total + costOf(line), 0n),
            adjustmentNanos: lines.reduce((total, line) => total + (line.reratedNanos ?? 0n), 0n),
            unpricedAttempts: unpriced.length,
          }).toEqual({
            requests: sum?.requests,
            attempts: sum?.attempts,
            costNanos: sum?.costNanos,
            adjustmentNanos: sum?.adjustmentNanos,
            unpricedAttempts: sum?.unpricedAttempts,
          })
        }
    })

    it('cost little behind a filter that few records pass: there is a next one long before', async () => {
      const count = 12_000
      await bench.append(
        ...Array.from({ length: count }, (_, place) =>
          sampleRecord({
            requestId: `r${String(place).padStart(5, '0')}`,
            startedAtMs: at + Math.floor(place / 3),
            team: place === 7 || place === count - 1 ? 'rare' : 'search',
          }),
        ),
      )
      const first = await bench.stores.usage.page({ ...always, where: { team: 'rare' } })
      expect(first.records.map(({ record }) => record.requestId)).toEqual(['r00007'])
      expect(first.next).toBeDefined()
      const second = await bench.stores.usage.page({ ...always, where: { team: 'rare' }, after: first.next })
      expect(second.records).toEqual([])
      const seen = await allPages(bench, { where: { team: 'rare' }, limit: 1 })
      expect(seen.map(({ record }) => record.requestId)).toEqual(['r00007', 'r11999'])
      expect(await allPages(bench, { where: { team: 'search' }, limit: 1_000 })).toHaveLength(count - 2)
      expect(await allPages(bench, { limit: 1_000 })).toHaveLength(count)
    })

    it('A1: SQL in a filter is a value like any other, and an unknown field is refused', async () => {
      await bench.append(sampleRecord())
      expect(await allPages(bench, { where: { team: "' OR '1'='1" } })).toEqual([])
      const hostile: Readonly<Record<string, string>> = { '1=1 OR team': 'x' }
      await expect(allPages(bench, { where: hostile })).rejects.toMatchObject({ kind: 'invalid_request' })
    })
  })
}

/** Of several teams, labels and runs, some without a price, some refused, several in the same millisecond. */
function madeUpRecords(count: number): readonly UsageRecord[] {
  return Array.from({ length: count }, (_, place) => {
    const isRefused = place % 11 === 5
    return sampleRecord({
      requestId: `r${place % 3 === 2 ? place - 1 : place}`,
      attempt: isRefused ? 0 : 1 + (place % 3),
      startedAtMs: at + Math.floor(place / 5),
      status: isRefused ? 'refused' : 'ok',
      team: place % 4 === 0 ? undefined : 'search',
      user: place % 5 === 0 ? 'ada' : undefined,
      keyId: `key${place % 2}`,
      runId: place % 6 === 0 ? `run-${place % 4}` : undefined,
      metadata: place % 8 === 0 ? '{"env":"test"}' : '{}',
      costNanos: place % 9 === 0 ? undefined : 9_007_199_254_740_993n + BigInt(place),
    })
  })
}
