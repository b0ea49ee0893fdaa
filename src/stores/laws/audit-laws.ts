import { describe, expect, it } from 'vitest'
import type { AuditEvent } from '../ports/audit.ts'
import type { LawBench } from './law-bench.ts'
import { sampleEvent, sampleOrganisation } from './sample-records.ts'

/** Who did what stays said, and who changes it behind the store's back is found out. */
export function auditLaws(bench: LawBench): void {
  describe('the audit chain', () => {
    it('numbers entries from 1 and chains them, over changes of the directory too, and over a restart', async () => {
      expect(await bench.stores.audit.verify()).toEqual({ isIntact: true, entries: 0, lastHash: '0'.repeat(64) })
      await bench.stores.audit.append(event('config.reload'))
      const put = { kind: 'put-entity', entity: sampleOrganisation('acme'), mustBeNew: true } as const
      await bench.change(put, event('organisation.create'))
      await bench.reopen()
      await bench.stores.audit.append(event('key.create'))
      const entries = await bench.stores.audit.list({ afterSequence: 0, limit: 10 })
      expect(entries.map(({ sequence, action }) => [sequence, action])).toEqual([
        [1, 'config.reload'],
        [2, 'organisation.create'],
        [3, 'key.create'],
      ])
      expect(entries.map(({ previousHash }) => previousHash)).toEqual([
        '0'.repeat(64),
        ...entries.slice(0, 2).map(({ hash }) => hash),
      ])
      expect(await bench.stores.audit.verify()).toEqual({ isIntact: true, entries: 3, lastHash: entries[2]?.hash })
    })

    it('lists page by page', async () => {
      for (let index = 1; index <= 5; index += 1) await bench.stores.audit.append(event(`action ${index}`))
      const page = await bench.stores.audit.list({ afterSequence: 2, limit: 2 })
      expect(page.map(({ sequence }) => sequence)).toEqual([3, 4])
      expect(await bench.stores.audit.list({ afterSequence: 5, limit: 2 })).toEqual([])
    })

    it('finds an entry that was edited, in the middle and at the end, and says which', async () => {
      for (let index = 1; index <= 3; index += 1) await bench.stores.audit.append(event(`action ${index}`))
      for (const sequence of [2, 3]) {
        bench.kind.tamper(bench.dir, { kind: 'edit', sequence, field: 'actor', value: 'somebody else' })
        const verdict = { isIntact: false, brokenAtSequence: sequence, reason: 'its contents do not have its hash' }
        expect(await bench.stores.audit.verify()).toEqual(verdict)
        bench.kind.tamper(bench.dir, { kind: 'edit', sequence, field: 'actor', value: sampleEvent.actor })
        expect(await bench.stores.audit.verify()).toMatchObject({ isIntact: true, entries: 3 })
      }
    })

    it('finds an entry that was removed, from the end and from the middle', async () => {
      for (let index = 1; index <= 4; index += 1) await bench.stores.audit.append(event(`action ${index}`))
      bench.kind.tamper(bench.dir, { kind: 'remove', sequence: 4 })
      expect(await bench.stores.audit.verify()).toEqual({
        isIntact: false,
        brokenAtSequence: 4,
        reason: 'entries up to 4 were written, and are missing',
      })
      bench.kind.tamper(bench.dir, { kind: 'remove', sequence: 2 })
      const verdict = { isIntact: false, brokenAtSequence: 2, reason: 'entry 2 is missing' }
      expect(await bench.stores.audit.verify()).toEqual(verdict)
    })

    it('hashes what is stored, where half a surrogate pair is replaced', async () => {
      await bench.stores.audit.append({ ...event('key.create'), target: 'half a pair \ud800, and NUL \0' })
      expect(await bench.stores.audit.verify()).toMatchObject({ isIntact: true })
    })
  })
}

const event = (action: string): AuditEvent => ({ ...sampleEvent, action })
