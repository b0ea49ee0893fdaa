import { describe, expect, it } from 'vitest'
import { auditLaws } from './audit-laws.ts'
import { directoryLaws } from './directory-laws.ts'
import { entryLaws } from './entry-laws.ts'
import { lawBench, type LawfulStore } from './law-bench.ts'
import { naughtyStringLaws } from './naughty-string-laws.ts'
import { pageLaws } from './page-laws.ts'
import { sampleRecord } from './sample-records.ts'
import { stateLaws } from './state-laws.ts'
import { usageLaws } from './usage-laws.ts'

/** The one suite that every kind of store passes, on a real store. */
export function storeLaws(name: string, kind: LawfulStore): void {
  describe(name, () => {
    const bench = lawBench(kind)
    usageLaws(bench)
    entryLaws(bench)
    pageLaws(bench)
    directoryLaws(bench)
    auditLaws(bench)
    stateLaws(bench)
    naughtyStringLaws(bench)

    it('takes nothing after it was closed, and closes only once', async () => {
      await bench.stores.close()
      await bench.stores.close()
      expect(() => bench.stores.usage.append(sampleRecord())).toThrow('the store is closed')
      await expect(bench.stores.audit.verify()).rejects.toMatchObject({ kind: 'store_unavailable' })
    })
  })
}
