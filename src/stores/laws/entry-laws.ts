import { describe, expect, it } from 'vitest'
import type { NewLedgerEntry } from '../ports/ledger-entries.ts'
import type { LawBench } from './law-bench.ts'
import { sampleEntry, sampleEvent, sampleRecord } from './sample-records.ts'

/** Entries beside the records: what was learnt later is added, and nothing is edited. */
export function entryLaws(bench: LawBench): void {
  describe('entries of the ledger', () => {
    it('come back as they were appended, with who and when of the audit entry that was written with them', async () => {
      const { requestId } = sampleRecord()
      const entries = [sampleEntry(-5n), sampleEntry(-5n, { accountId: 'team acme/monthly usd/month@2026-11' })]
      await bench.stores.entries.append(entries, sampleEvent)
      const { atMs, actor } = sampleEvent
      const told = entries.map((one) => ({ ...one, atMs, actor }))
      expect(await bench.stores.entries.ofRequest(requestId)).toStrictEqual(told)
      expect(await bench.stores.audit.list({ afterSequence: 0, limit: 10 })).toMatchObject([sampleEvent])
      await bench.reopen()
      expect(await bench.stores.entries.ofRequest(requestId)).toStrictEqual(told)
      expect(await bench.stores.entries.ofRequest('never')).toEqual([])
    })

    it('are in the sums, and shown apart; the record stays as it was, and entries of accounts are no cost', async () => {
      const record = sampleRecord({ costNanos: 100n })
      await bench.append(record, sampleRecord({ requestId: 'another', costNanos: 7n, provider: 'claude' }))
      await bench.stores.entries.append(
        [sampleEntry(-30n), sampleEntry(-30n, { accountId: 'a usd/month@x' })],
        sampleEvent,
      )
      await bench.stores.entries.append([sampleEntry(5n)], sampleEvent)
      expect(await bench.sums([])).toMatchObject([{ requests: 2, attempts: 2, costNanos: 82n, adjustmentNanos: -25n }])
      expect(await bench.sums(['provider'])).toMatchObject([
        { groups: { provider: 'openai' }, costNanos: 75n, adjustmentNanos: -25n },
        { groups: { provider: 'claude' }, costNanos: 7n, adjustmentNanos: 0n },
      ])
      expect(await bench.stores.usage.ofRequest(record.requestId)).toStrictEqual([record])
    })

    it('M10: give what had no price one, also one of zero', async () => {
      await bench.append(sampleRecord({ costNanos: undefined, priceVersion: undefined }))
      expect(await bench.sums([])).toMatchObject([{ unpricedAttempts: 1 }])
      await bench.stores.entries.append([sampleEntry(0n)], sampleEvent)
      expect(await bench.sums([])).toMatchObject([{ unpricedAttempts: 0, costNanos: 0n }])
    })
  })

  describe('entries that resolve a doubt', () => {
    const { requestId, startedAtMs } = sampleRecord()
    const monthly = 'team acme/monthly usd/month@2026-11'
    const runs = 'team acme/runs calls/total@total'
    const inDoubt = (id: string) =>
      sampleRecord({
        requestId: id,
        status: 'failed',
        usageSource: 'worst_case',
        costNanos: 70n,
        postings: `[["${monthly}","70"],["${runs}","1"]]`,
      })
    const resolving = (amount: bigint): readonly NewLedgerEntry[] => [
      sampleEntry(amount, { kind: 'resolve' }),
      sampleEntry(amount, { kind: 'resolve', accountId: monthly }),
      sampleEntry(0n, { kind: 'resolve', accountId: runs }),
    ]
    const listed = async () => {
      const span = { fromMs: 0, untilMs: startedAtMs + 1, where: {}, after: undefined, limit: 9 }
      const { records } = await bench.stores.usage.page({ ...span, isInDoubt: true })
      return records.map(({ record }) => record.requestId)
    }
    const kept = async () =>
      (await bench.stores.accounts.read([monthly, runs])).map(({ posted, unknown }) => [posted, unknown])

    it('I2, I6: leave the record, change its cost and its accounts, and take it off what is in doubt', async () => {
      const record = inDoubt(requestId)
      await bench.append(record, inDoubt('another'), sampleRecord({ requestId: 'known' }))
      expect(await listed()).toEqual([requestId, 'another'].toSorted())
      expect(await kept()).toEqual([
        [140n, 140n],
        [2n, 2n],
      ])
      await bench.stores.entries.append(resolving(-50n), sampleEvent)
      const after = async () => {
        const { usage, accounts } = bench.stores
        expect(await listed()).toEqual(['another'])
        expect(await kept()).toEqual([
          [90n, 70n],
          [2n, 1n],
        ])
        expect(await usage.ofRequest(requestId)).toStrictEqual([record])
        expect((await accounts.rebuild({ repair: undefined })).differences).toEqual([])
        const sums = await usage.query({
          by: ['usageSource'],
          fromMs: 0,
          untilMs: startedAtMs + 1,
          where: { usageSource: 'worst_case' },
        })
        expect(sums).toMatchObject([{ requests: 2, costNanos: 90n, adjustmentNanos: -50n }])
      }
      await after()
      await bench.reopen()
      await after()
    })

    it('are told with the page of the record, which no price is truer than', async () => {
      await bench.append(inDoubt(requestId), inDoubt('another'))
      await bench.stores.entries.append(resolving(0n), sampleEvent)
      const span = { fromMs: 0, untilMs: startedAtMs + 1, where: {}, after: undefined, limit: 9 }
      const { records } = await bench.stores.usage.page(span)
      const told = records.map(({ record, reratedNanos, isResolved }) => [record.requestId, reratedNanos, isResolved])
      expect(told).toContainEqual([requestId, 0n, true])
      expect(told).toContainEqual(['another', undefined, false])
    })
  })

  describe('entries of what may be spent', () => {
    const grant: Partial<NewLedgerEntry> = { requestId: undefined, attempt: undefined, kind: 'cap' }
    const configured = (ruleId: string, cap: bigint) =>
      sampleEntry(cap, {
        ...grant,
        kind: 'configured',
        detail: `{"kind":"configured","ruleId":"${ruleId}","cap":"${cap}"}`,
      })

    it('tell grants and configured caps apart; of these the last of each budget', async () => {
      const { entries } = bench.stores
      await entries.append(
        [configured('a', 1n), sampleEntry(9n, grant), configured('b', 2n), sampleEntry(5n)],
        sampleEvent,
      )
      await entries.append([configured('a', 3n)], sampleEvent)
      expect((await entries.grants()).map(({ amount }) => amount)).toEqual([9n])
      expect((await entries.configuredCaps()).map(({ amount }) => amount)).toEqual([2n, 3n])
      const ofRule = await entries.ofRule({ ruleId: 'a', before: undefined, limit: 10 })
      expect(ofRule.map(({ kind, amount }) => [kind, amount])).toEqual([
        ['configured', 3n],
        ['configured', 1n],
      ])
    })
  })
}
