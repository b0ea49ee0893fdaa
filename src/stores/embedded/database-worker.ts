import { existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import { dueAlerts, noteAlerts, noteOutcome } from './alerts-table.ts'
import { appendAudit, listAudit, verifyAudit } from './audit-table.ts'
import {
  accountsBelow,
  accountsOfRule,
  accountsReaching,
  pageAccounts,
  readAccounts,
  rebuildAccounts,
  sumAccounts,
} from './budget-accounts-table.ts'
import { BackgroundShipping } from './background-shipping.ts'
import { AccountsComparison } from './compare-accounts.ts'
import { inDurableTransaction, inTransaction, openDatabase } from './database.ts'
import type {
  CallMessage,
  DatabaseCalls,
  DatabaseMessage,
  DatabaseThreadSettings,
  DatabaseVerb,
} from './database-calls.ts'
import { readDirectory, writeChange } from './directory-tables.ts'
import { appendEntries, changesOfRule, configuredCapEntries, entriesOf, grantEntries } from './ledger-entries.ts'
import { problemOf } from './problem.ts'
import { recoverSpools } from './recover-spool.ts'
import { reservePathOf, spoolDirOf, type SpoolEnd } from './spool-segments.ts'
import { findOpen, pageKept, readKept, removeKept, removeKeptOf, takeOpen, writeKept } from './state-table.ts'
import { pageUsage } from './usage-pages.ts'
import { sumUsage, usageOf } from './usage-queries.ts'

// Only as the thread that `startDatabaseThread` starts: importing this file elsewhere does nothing.
if (parentPort !== null && isForUs(workerData)) serveDatabase(parentPort, workerData.weirDatabase)

/** Owns the database file for as long as the thread lives. */
function serveDatabase(port: MessagePort, settings: DatabaseThreadSettings): void {
  const tell = (message: DatabaseMessage): void => port.postMessage(message)
  const spoolDir = spoolDirOf(settings.dataDir)
  let database: DatabaseSync | undefined
  try {
    database = openDatabase(join(settings.dataDir, 'weir.sqlite'), settings.busyTimeoutMs)
    const recovery = recoverSpools(database, spoolDir)
    const shipping = new BackgroundShipping({ database, spoolDir, ownerId: settings.ownerId, tell })
    const verbs = verbsOn(database, spoolDir, settings.reserveBytes, shipping)
    port.on('message', (message: CallMessage) => tell(answer(verbs, message)))
    tell({ kind: 'opened', recovery, directory: readDirectory(database) })
  } catch (thrown) {
    database?.close()
    tell({ kind: 'not-opened', problem: problemOf(thrown) })
    port.close()
  }
}

type Verbs = { readonly [Verb in DatabaseVerb]: (takes: DatabaseCalls[Verb]['takes']) => DatabaseCalls[Verb]['gives'] }

function answer<Verb extends DatabaseVerb>(verbs: Verbs, message: CallMessage<Verb>): DatabaseMessage {
  try {
    return { kind: 'answer', id: message.id, value: verbs[message.verb](message.takes) }
  } catch (thrown) {
    return { kind: 'refusal', id: message.id, problem: problemOf(thrown) }
  }
}

function verbsOn(database: DatabaseSync, spoolDir: string, reserveBytes: number, shipping: BackgroundShipping): Verbs {
  const comparison = new AccountsComparison(database)
  /** A question that must see everything that is written so far. */
  const shipped =
    <Takes extends { readonly ends: readonly SpoolEnd[] }, Gives>(read: (takes: Takes) => Gives) =>
    (takes: Takes): Gives => {
      shipping.shipNow(takes.ends)
      return read(takes)
    }
  return {
    'ship-soon': (end) => shipping.shipSoon(end),
    'end-spool': (end) => shipping.end(end),
    'adopt-spool': (ownerId) => shipping.adopt(ownerId),
    'prepare-reserve': (place) => prepareReserve(reservePathOf(spoolDir, place), reserveBytes),
    'sum-usage': shipped(({ question }) => sumUsage(database, question)),
    'usage-of': shipped(({ requestId }) => usageOf(database, requestId)),
    'page-usage': shipped(({ question }) => pageUsage(database, question)),
    'read-accounts': shipped(({ accountIds }) => readAccounts(database, accountIds)),
    'accounts-below': shipped(({ names }) => accountsBelow(database, names)),
    'sum-accounts': shipped(({ questions }) => questions.map((question) => sumAccounts(database, question))),
    'page-accounts': shipped(({ question }) => pageAccounts(database, question)),
    'accounts-reaching': shipped(({ questions }) => accountsReaching(database, questions)),
    'accounts-of-rule': shipped(({ question }) => accountsOfRule(database, question)),
    'compare-accounts': shipped(() => comparison.step()),
    'rebuild-accounts': shipped(({ repair }) => {
      const rebuilt = inDurableTransaction(database, () => rebuildAccounts(database, repair))
      comparison.rebuilt(rebuilt, repair !== undefined)
      return rebuilt
    }),
    'append-entries': ({ entries, audit }) =>
      inDurableTransaction(database, () => appendEntries(database, entries, audit)),
    'entries-of': (requestId) => entriesOf(database, requestId),
    'changes-of-rule': (question) => changesOfRule(database, question),
    'grant-entries': () => grantEntries(database),
    'configured-caps': () => configuredCapEntries(database),
    'note-alerts': ({ alerts, receivers }) =>
      inDurableTransaction(database, () => noteAlerts(database, alerts, receivers)),
    'due-alerts': ({ atMs, limit }) => dueAlerts(database, atMs, limit),
    'alert-tried': (outcome) => inDurableTransaction(database, () => noteOutcome(database, outcome)),
    'write-kept': (objects) => inTransaction(database, () => writeKept(database, objects)),
    'read-kept': (ids) => readKept(database, ids),
    'page-kept': (question) => pageKept(database, question),
    'remove-kept': (id) => inTransaction(database, () => removeKept(database, id)),
    'find-open': (asked) => findOpen(database, asked),
    // Were it to come back with the power, it would be settled a second time: the spool has the first.
    'take-open': (asked) => inDurableTransaction(database, () => takeOpen(database, asked)),
    'read-directory': () => readDirectory(database),
    'change-directory': ({ change, audit, forgets }) =>
      inDurableTransaction(database, () => {
        writeChange(database, change)
        if (forgets !== undefined) removeKeptOf(database, forgets)
        appendAudit(database, audit)
        return undefined
      }),
    'append-audit': (event) => inDurableTransaction(database, () => appendAudit(database, event)),
    'list-audit': (page) => listAudit(database, page),
    'verify-audit': () => verifyAudit(database),
    close(end) {
      try {
        shipping.close(end)
      } finally {
        database.close()
      }
      return undefined
    },
  }
}

/** Zeros that are really written: only those hold the space. File systems that copy on write give no such promise. */
function prepareReserve(path: string, sizeBytes: number): undefined {
  if (existsSync(path) && statSync(path).size === sizeBytes) return
  const draft = `${path}.draft`
  try {
    writeFileSync(draft, Buffer.alloc(sizeBytes), { mode: 0o600 })
    renameSync(draft, path)
  } catch (thrown) {
    rmSync(draft, { force: true })
    throw thrown
  }
}

function isForUs(handed: unknown): handed is { readonly weirDatabase: DatabaseThreadSettings } {
  return typeof handed === 'object' && handed !== null && 'weirDatabase' in handed
}
