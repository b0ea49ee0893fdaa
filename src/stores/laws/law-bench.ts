import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import type { UsageRecord } from '../../canonical/usage-record.ts'
import type { AuditEvent } from '../ports/audit.ts'
import type { DirectoryChange } from '../ports/directory.ts'
import type { Stores } from '../ports/stores.ts'
import type { UsageGroup, UsageQuestion, UsageSum } from '../ports/usage-records.ts'
import { sampleEvent } from './sample-records.ts'

/** What the suite needs of a kind of store. */
export interface LawfulStore {
  /** Opens the store of a directory, as a gateway would. A cluster takes the directory's name for its own. */
  open(dir: string): Promise<Stores>
  /** Opens it in a process of its own, which hands over intents and then terminals, waits until they are written, and is killed. */
  runAndDie(
    dir: string,
    records: { readonly intents: readonly UsageRecord[]; readonly terminals: readonly UsageRecord[] },
  ): Promise<void>
  /** Changes the stored audit chain behind the back of the open store. */
  tamper(dir: string, how: AuditTampering): void
}

export type AuditTampering =
  | { readonly kind: 'edit'; readonly sequence: number; readonly field: 'actor' | 'detail'; readonly value: string }
  | { readonly kind: 'remove'; readonly sequence: number }

/** A fresh store for each test of a suite, in a directory of its own. */
export interface LawBench {
  readonly kind: LawfulStore
  readonly dir: string
  readonly stores: Stores
  /** After a close. */
  open(): Promise<void>
  reopen(): Promise<void>
  /** Appends the records, all in one turn, and waits until they are written. */
  append(...records: readonly UsageRecord[]): Promise<void>
  /** Sums over all time. */
  sums(by: readonly UsageGroup[], where?: UsageQuestion['where']): Promise<readonly UsageSum[]>
  change(change: DirectoryChange, audit?: AuditEvent): Promise<void>
}

export function lawBench(kind: LawfulStore): LawBench {
  let dir = ''
  let stores: Stores | undefined
  const bench: LawBench = {
    kind,
    get dir() {
      return dir
    },
    get stores() {
      if (stores === undefined) throw new Error('the store is used outside a test')
      return stores
    },
    async open() {
      stores = await kind.open(dir)
    },
    async reopen() {
      await bench.stores.close()
      await bench.open()
    },
    async append(...records) {
      for (const record of records) bench.stores.usage.append(record)
      await bench.stores.usage.written()
    },
    sums: (by, where = {}) => bench.stores.usage.query({ by, fromMs: 0, untilMs: Number.MAX_SAFE_INTEGER, where }),
    change: (change, audit = sampleEvent) => bench.stores.directory.change(change, audit),
  }
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'weir-laws-'))
    await bench.open()
  })
  afterEach(async () => {
    await bench.stores.close()
    rmSync(dir, { recursive: true })
  })
  return bench
}
