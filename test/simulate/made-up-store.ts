import { readPostings } from '../../src/ledger/amounts.ts'
import { encodeSpoolRecord, readSpool, type SpoolType } from '../../src/ledger/spool-format.ts'
import { decodeUsagePayload, encodeUsagePayload } from '../../src/ledger/usage-payload.ts'
import type { UsageRecord } from '../../src/canonical/usage-record.ts'
import type { AuditEvent } from '../../src/stores/ports/audit.ts'
import type { BudgetAccounts, KeptAccount } from '../../src/stores/ports/budget-accounts.ts'
import type { LedgerEntries, LedgerEntry } from '../../src/stores/ports/ledger-entries.ts'
import type { UsageNotes } from '../../src/stores/ports/usage-records.ts'
import type { SimulatedTime } from './simulated-clock.ts'

/** How long things take: a write to the disk, a look at the database, a shipment to it. */
const writeMs = 1
const askMs = 4
const shipEveryMs = 100
/** Of the shipments and appendices, so many are committed and told to have failed. */
const ambiguousShare = 0.05

/** Who is told what becomes of records. */
export interface StoreWatcher {
  /** It is with the operating system: kill -9 does not lose it. */
  written(key: string, type: SpoolType): void
  /** It is in the database, for good. */
  kept(record: UsageRecord): void
}

/**
 * A disk and a database behind the ports of a store. The spool has the real format, and is torn at any byte when its process dies;
 * the database is a few maps. A commit may be told to have failed.
 */
export class MadeUpStore {
  readonly accounts = new Map<string, { posted: bigint; openedAtMs: number }>()
  readonly entries: LedgerEntry[] = []
  readonly #time: SimulatedTime
  readonly #random: () => number
  readonly #watcher: StoreWatcher
  /** Written and not deleted yet; those before the cursor are in the database. */
  #spool: SpoolLine[] = []
  #cursor = 0
  readonly #underWay = new Map<string, UsageRecord>()
  /** Of the records in the spool: what the primary key of the table is to the real one. */
  readonly #inserted = new Set<string>()
  /** Handed over in this turn, and not written yet. */
  #turn: SpoolLine[] = []
  #waiting: (() => void)[] = []

  constructor(time: SimulatedTime, random: () => number, watcher: StoreWatcher) {
    this.#time = time
    this.#random = random
    this.#watcher = watcher
  }

  /** As one process sees it. When that is dead, nothing it does has an effect any more, and it is answered nothing. */
  openFor(process: { readonly isDead: boolean }): {
    readonly usage: UsageNotes
    readonly accounts: Pick<BudgetAccounts, 'read' | 'below'>
    readonly entries: Pick<LedgerEntries, 'append' | 'grants'>
  } {
    const ship = () => {
      if (process.isDead) return
      this.#ship()
      this.#time.after(shipEveryMs, ship)
    }
    this.#time.after(shipEveryMs, ship)
    const later = <Value>(value: () => Value): Promise<Value> =>
      new Promise((resolve, reject) => {
        this.#time.after(this.#random() * askMs, () => {
          if (process.isDead) return
          try {
            resolve(value())
          } catch (thrown) {
            reject(thrown)
          }
        })
      })
    const add = (type: SpoolType, record: UsageRecord) => {
      if (process.isDead) return
      if (this.#turn.length === 0) this.#time.after(this.#random() * writeMs, () => process.isDead || this.#write())
      this.#turn.push({ type, key: keyOf(record), record, payload: encodeUsagePayload(record) })
    }
    const find = (accountIds: Iterable<string>): readonly KeptAccount[] => {
      this.#ship()
      return [...accountIds].flatMap((accountId) => {
        const account = this.accounts.get(accountId)
        return account ? [{ accountId, ...account, unknown: 0n }] : []
      })
    }
    return {
      usage: {
        intend: (intent) => add('intent', intent),
        narrow: (intent) => add('progress', intent),
        append: (record) => add('terminal', record),
        written: () =>
          this.#turn.length === 0 ? Promise.resolve() : new Promise((resolve) => void this.#waiting.push(resolve)),
      },
      accounts: {
        read: (accountIds) => {
          if (!process.isDead) this.#write()
          return later(() => find(accountIds))
        },
        below: (names) => {
          if (!process.isDead) this.#write()
          return later(() =>
            find(
              [...this.accounts.keys()].filter((id) => names.some((name) => id === name || id.startsWith(`${name}[`))),
            ),
          )
        },
      },
      entries: {
        append: (added, audit) => later(() => this.#append(added, audit)),
        grants: () => later(() => this.entries.filter(({ kind }) => kind !== 'rerate')),
      },
    }
  }

  /** The process is dead: what it had handed over and not written is torn at any byte. Then recovery, as at every start. */
  recover(): void {
    const turn = Buffer.concat(this.#turn.map(({ type, payload }) => encodeSpoolRecord(type, payload)))
    const torn = turn.subarray(0, Math.floor(this.#random() * (turn.length + 1)))
    const { entries } = readSpool(torn, { isLastSegment: true })
    this.#turn = entries.map(({ type, payload }) => {
      const record = decodeUsagePayload(payload)
      return { type, key: keyOf(record), record, payload }
    })
    this.#waiting = []
    this.#write()
    this.#ship()
    while (this.#spool.length > 0) this.#ship()
    // An intent is the record as it reads when nothing more is ever learnt.
    for (const record of this.#underWay.values()) this.#insert(record)
    this.#underWay.clear()
    this.#inserted.clear()
  }

  #write(): void {
    for (const line of this.#turn) {
      if (line.type !== 'terminal') this.#underWay.set(line.key, line.record)
      else this.#underWay.delete(line.key)
      this.#spool.push(line)
      this.#watcher.written(line.key, line.type)
    }
    this.#turn = []
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  /** In one transaction: the records, what they post, and how far the spool is read. */
  #ship(): void {
    // A commit that is told to have failed is done again from where the cursor was thought to be.
    const from = this.#random() < ambiguousShare ? 0 : this.#cursor
    for (const { type, record } of this.#spool.slice(from)) if (type === 'terminal') this.#insert(record)
    this.#cursor = this.#spool.length
    if (this.#random() < ambiguousShare) return
    this.#spool = []
    this.#cursor = 0
    this.#inserted.clear()
  }

  #insert(record: UsageRecord): void {
    const key = keyOf(record)
    if (this.#inserted.has(key)) return
    this.#inserted.add(key)
    this.#watcher.kept(record)
    if (record.postings === undefined) return
    for (const { accountId, amount } of readPostings(record.postings)) this.#post(accountId, amount, record.startedAtMs)
  }

  #append(added: readonly Omit<LedgerEntry, 'atMs' | 'actor'>[], { atMs, actor }: AuditEvent): void {
    for (const entry of added) {
      this.entries.push({ ...entry, atMs, actor })
      if (entry.kind === 'rerate' && entry.accountId !== undefined) this.#post(entry.accountId, entry.amount, atMs)
    }
  }

  #post(accountId: string, amount: bigint, atMs: number): void {
    const account = this.accounts.get(accountId)
    if (account) {
      account.posted += amount
      account.openedAtMs = Math.min(account.openedAtMs, atMs)
    } else this.accounts.set(accountId, { posted: amount, openedAtMs: atMs })
  }
}

interface SpoolLine {
  readonly type: SpoolType
  readonly key: string
  readonly record: UsageRecord
  readonly payload: string
}

export function keyOf({ requestId, attempt }: Pick<UsageRecord, 'requestId' | 'attempt'>): string {
  return `${requestId}/${attempt}`
}
