import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { turnedClock } from '../../../test/turned-clock.ts'
import type { Entity, KeyEntry } from '../ports/directory.ts'
import { sampleEvent, sampleKey, sampleRecord } from '../laws/sample-records.ts'
import { appendAudit } from './audit-table.ts'
import { migrate, migrationFiles } from './database.ts'
import { openEmbedded, type EmbeddedStores } from './open-embedded.ts'

/*
 * A database of each version that ever was, filled as the Weir of that version filled it, and opened by this one. A migration
 * without a case here fails the first test: add what its Weir writes, and what is to be read of it, also where it was not there yet.
 */

interface Case {
  readonly file: string
  /** Writes what became possible with this file, into a database that has it. */
  fill(database: DatabaseSync): void
  /** @param isFilled whether the database was of this version or a later one, and not of an earlier one. */
  meant(stores: EmbeddedStores, isFilled: boolean): Promise<void> | void
}

const day = 86_400_000
const requestId = 'req_0123456789abcdef'
const account = 'team acme/search/budgets/monthly usd/month@2026-11'
const decision = '{"attempts":[]}'
const record = sampleRecord({ requestId, costNanos: 2_000n })

const cases: readonly Case[] = [
  {
    file: '0001-usage-directory-audit.sql',
    fill: (database) => {
      insert(database, 'usage_records', oldestRecord)
      insert(database, 'entities', { kind: 'organisation', organisation: '', team: '', name: 'acme', created_at_ms: 1 })
      const team = { kind: 'team', organisation: 'acme', team: '', name: 'search', created_at_ms: 2 }
      insert(database, 'entities', { ...team, models: '["smart"]' })
      for (const key of [lasting, ending, rotated, successor]) insert(database, 'api_keys', oldestKey(key))
      appendAudit(database, { ...sampleEvent, target: 'organisation acme' })
      appendAudit(database, { ...sampleEvent, target: 'team acme/search' })
    },
    meant: async (stores) => {
      const [found, ...more] = await stores.usage.ofRequest(requestId)
      expect(more).toEqual([])
      expect(found).toMatchObject({ organisation: 'acme', costNanos: 2_000n, inputUncached: 1500, outputText: 321 })
      expect(stores.directory.contents().entities.map(({ kind, name, models }) => [kind, name, models])).toEqual([
        ['organisation', 'acme', undefined],
        ['team', 'search', ['smart']],
      ])
      for (const { id, hash, expiresAtMs, revokedAtMs } of [lasting, ending, rotated, successor])
        expect(keyIn(stores, id)).toMatchObject({ hash, expiresAtMs, revokedAtMs })
      expect(await stores.audit.verify()).toMatchObject({ isIntact: true })
      expect(await stores.audit.list({ afterSequence: 0, limit: 9 })).toHaveLength(2)
    },
  },
  {
    file: '0002-decision.sql',
    fill: (database) => {
      database.exec(`UPDATE usage_records SET decision = '${decision}'`)
      database.exec(`UPDATE entities SET require = '["eu"]' WHERE name = 'search'`)
      database.exec(`UPDATE api_keys SET require = '["gdpr"]' WHERE id = '${lasting.id}'`)
    },
    meant: async (stores, isFilled) => {
      expect((await recordIn(stores)).decision).toBe(isFilled ? decision : undefined)
      expect(teamIn(stores).require).toEqual(isFilled ? ['eu'] : undefined)
      expect(keyIn(stores, lasting.id).require).toEqual(isFilled ? ['gdpr'] : undefined)
    },
  },
  {
    file: '0003-limits.sql',
    fill: (database) => {
      database.exec(`UPDATE entities SET limits = '{"all":{"requests":7,"per":"minute"}}' WHERE name = 'search'`)
      database.exec(`UPDATE api_keys SET limits = '{"all":{"concurrent":4}}' WHERE id = '${lasting.id}'`)
    },
    meant: (stores, isFilled) => {
      expect(teamIn(stores).limits?.['all']).toEqual(
        isFilled ? expect.objectContaining({ requests: 7, per: 'minute' }) : undefined,
      )
      expect(keyIn(stores, lasting.id).limits?.['all']).toEqual(
        isFilled ? expect.objectContaining({ concurrent: 4 }) : undefined,
      )
    },
  },
  {
    file: '0004-ledger-entries.sql',
    fill: (database) =>
      insert(database, 'ledger_entries', {
        at_ms: 5,
        kind: 'rerate',
        request_id: requestId,
        attempt: 1,
        amount: -500,
        detail: '{}',
        actor: 'admin',
      }),
    meant: async (stores, isFilled) => {
      const entries = await stores.entries.ofRequest(requestId)
      expect(entries.map(({ kind, amount }) => [kind, amount])).toEqual(isFilled ? [['rerate', -500n]] : [])
      const [sum] = await stores.usage.query({ by: [], fromMs: 0, untilMs: Date.UTC(2027, 0), where: {} })
      expect(sum).toMatchObject({ requests: 1, attempts: 1, costNanos: isFilled ? 1_500n : 2_000n })
    },
  },
  {
    file: '0005-budgets.sql',
    fill: (database) => {
      database.exec(`UPDATE entities SET timezone = 'Europe/Berlin' WHERE name = 'acme'`)
      database.exec(`UPDATE entities SET budgets = '{"monthly":{"usd":"5","per":"month"}}' WHERE name = 'search'`)
      database.exec(`UPDATE usage_records SET run_id = 'run-1', postings = '[["${account}","2000"]]'`)
      insert(database, 'ledger_entries', {
        at_ms: 6,
        kind: 'top-up',
        account_id: account,
        amount: 9_000,
        detail: '{}',
        actor: 'admin',
      })
      insert(database, 'budget_accounts', {
        account_id: account,
        posted: 2_000,
        opened_at_ms: record.startedAtMs,
      })
    },
    meant: async (stores, isFilled) => {
      const organisation = stores.directory.contents().entities.find(({ kind }) => kind === 'organisation')
      expect(organisation?.timezone).toBe(isFilled ? 'Europe/Berlin' : undefined)
      expect(teamIn(stores).budgets?.['monthly']).toEqual(
        isFilled ? expect.objectContaining({ usd: '5', per: 'month' }) : undefined,
      )
      expect((await recordIn(stores)).runId).toBe(isFilled ? 'run-1' : undefined)
      const kept = { accountId: account, posted: 2_000n, openedAtMs: record.startedAtMs }
      expect(await stores.accounts.read([account])).toEqual(isFilled ? [expect.objectContaining(kept)] : [])
      expect(await stores.accounts.rebuild({ repair: undefined })).toEqual({
        accounts: isFilled ? 1 : 0,
        differences: [],
      })
      expect((await stores.entries.grants()).map(({ kind, amount }) => [kind, amount])).toEqual(
        isFilled ? [['top-up', 9_000n]] : [],
      )
    },
  },
  {
    file: '0006-alerts.sql',
    fill: (database) => {
      insert(database, 'alerts', { id: 'alert-1', at_ms: 7, account_id: account, percent: 80, body: '{}' })
      insert(database, 'alert_deliveries', { alert_id: 'alert-1', receiver: 'ops', due_at_ms: 8, attempts: 2 })
    },
    meant: async (stores, isFilled) => {
      const due = { alertId: 'alert-1', receiver: 'ops', attempts: 2, body: '{}' }
      expect((await stores.alerts.due(9, 9)).deliveries).toEqual(isFilled ? [due] : [])
    },
  },
  {
    file: '0007-units-of-operations.sql',
    fill: (database) =>
      database.exec('UPDATE usage_records SET searches = 1, images = 2, audio_seconds = 3, characters = 4'),
    meant: async (stores, isFilled) => {
      const { searches, images, audioSeconds, characters } = await recordIn(stores)
      expect([searches, images, audioSeconds, characters]).toEqual(isFilled ? [1, 2, 3, 4] : [0, 0, 0, 0])
    },
  },
  {
    file: '0008-kept-state.sql',
    fill: (database) => {
      const kept = { organisation: 'acme', provider: 'openai', credential_id: 'openai#0' }
      insert(database, 'kept_state', { id: 'resp_1', kind: 'answer', ...kept, kept_at_ms: 1 })
      insert(database, 'kept_state', { id: 'file-1', kind: 'file', ...kept, kept_at_ms: 1, open: '{"keyId":"k"}' })
    },
    meant: async (stores, isFilled) => {
      const holder = { organisation: 'acme', provider: 'openai', credentialId: 'openai#0' }
      expect(await stores.stateHolders.holdersOf(['resp_1', 'file-1'])).toEqual(
        isFilled
          ? [
              { kind: 'answer', ...holder },
              { kind: 'file', ...holder },
            ]
          : [undefined, undefined],
      )
      expect(await stores.stateHolders.openOf({ id: 'file-1', keyId: 'k' })).toBe(
        isFilled ? '{"keyId":"k"}' : undefined,
      )
    },
  },
  {
    file: '0009-cached-media.sql',
    fill: (database) => database.exec('UPDATE usage_records SET cache_read_audio = 5, cache_read_image = 6'),
    meant: async (stores, isFilled) => {
      const { cacheReadAudio, cacheReadImage } = await recordIn(stores)
      expect([cacheReadAudio, cacheReadImage]).toEqual(isFilled ? [5, 6] : [0, 0])
    },
  },
  {
    file: '0010-key-lifetimes.sql',
    fill: (database) => {
      const ids = [ending, rotated, successor].map(({ id }) => `'${id}'`).join(', ')
      database.exec(`UPDATE api_keys SET lifetime_ms = ${90 * day} WHERE id IN (${ids})`)
    },
    meant: (stores, isFilled) => {
      const lifetimes = [lasting, ending, successor].map(({ id }) => keyIn(stores, id).lifetimeMs)
      expect(lifetimes).toEqual([undefined, 90 * day, 90 * day])
      // It was rotated on its tenth day, and ends on its eleventh: what it was made to live, nobody knows any more.
      expect(keyIn(stores, rotated.id).lifetimeMs).toBe(isFilled ? 90 * day : 11 * day)
    },
  },
  {
    file: '0011-excess.sql',
    fill: (database) => database.exec(`UPDATE usage_records SET excess = '[["${account}","7"]]'`),
    meant: async (stores, isFilled) => {
      expect((await recordIn(stores)).excess).toBe(isFilled ? `[["${account}","7"]]` : undefined)
    },
  },
  {
    file: '0012-doubt.sql',
    fill: (database) => {
      database.exec("UPDATE usage_records SET usage_source = 'worst_case'")
      database.exec('UPDATE budget_accounts SET unknown = 2000')
    },
    meant: async (stores, isFilled) => {
      // What an older Weir posted is known: the record of it says so.
      const [kept] = await stores.accounts.read([account])
      expect(kept?.unknown ?? 0n).toBe(isFilled ? 2_000n : 0n)
    },
  },
  {
    file: '0013-resolved.sql',
    fill: (database) =>
      insert(database, 'ledger_entries', {
        at_ms: 9,
        kind: 'resolve',
        request_id: 'req_elsewhere',
        attempt: 1,
        account_id: account,
        amount: 0,
        detail: '{}',
        actor: 'admin',
        doubt: 0,
      }),
    meant: async (stores, isFilled) => {
      const entries = await stores.entries.ofRequest('req_elsewhere')
      expect(entries.map(({ kind, amount }) => [kind, amount])).toEqual(isFilled ? [['resolve', 0n]] : [])
    },
  },
]

const lasting = sampleKey('lasting000', { createdAtMs: 3 })
const ending = sampleKey('ending0000', { createdAtMs: 4, expiresAtMs: 4 + 90 * day, revokedAtMs: 5 })
const rotated = sampleKey('rotated000', { createdAtMs: 6, expiresAtMs: 6 + 11 * day })
const successor = sampleKey('successor0', { createdAtMs: 6 + 10 * day, expiresAtMs: 6 + 100 * day })

let dir: string

beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'weir-migrations-'))))
afterEach(() => rmSync(dir, { recursive: true }))

describe('a database of an earlier Weir', () => {
  it('is tried here for each migration: a new one needs a case', () => {
    expect(cases.map(({ file }) => file)).toEqual(migrationFiles())
  })

  it.each(cases.map(({ file }, place) => [file, place + 1] as const))(
    'as %s left it is all there',
    async (_, version) => {
      const database = new DatabaseSync(join(dir, 'weir.sqlite'))
      migrate(database, migrationFiles().slice(0, version))
      for (const { fill } of cases.slice(0, version)) fill(database)
      database.close()
      const stores = await openEmbedded({ dir, clock: turnedClock(), onFailure: fail, reserveBytes: 8192 })
      try {
        for (const [place, { meant }] of cases.entries()) await meant(stores, place < version)
        await takesMore(stores)
      } finally {
        await stores.close()
      }
    },
  )
})

/** What this Weir writes fits beside what it found. */
async function takesMore(stores: EmbeddedStores): Promise<void> {
  const added = sampleRecord({ requestId: 'req_new', costNanos: 1n })
  stores.usage.append(added)
  expect(await stores.usage.ofRequest('req_new')).toEqual([added])
  const key = sampleKey('added00000', { expiresAtMs: 9, lifetimeMs: 6 })
  await stores.directory.change({ kind: 'add-key', key }, sampleEvent)
  expect(keyIn(stores, key.id)).toEqual(key)
  expect(await stores.audit.verify()).toMatchObject({ isIntact: true })
}

function fail(failure: Error): never {
  throw failure
}

async function recordIn(stores: EmbeddedStores) {
  const [found] = await stores.usage.ofRequest(requestId)
  if (!found) throw new Error('the record is gone')
  return found
}

function keyIn(stores: EmbeddedStores, id: string): KeyEntry {
  const found = stores.directory.contents().keys.find((key) => key.id === id)
  if (!found) throw new Error(`the key ${id} is gone`)
  return found
}

function teamIn(stores: EmbeddedStores): Entity {
  const found = stores.directory.contents().entities.find(({ kind }) => kind === 'team')
  if (!found) throw new Error('the team is gone')
  return found
}

function insert(database: DatabaseSync, table: string, row: Readonly<Record<string, SQLInputValue>>): void {
  const names = Object.keys(row)
  database
    .prepare(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`)
    .run(...Object.values(row))
}

/** The columns of the first version. */
const oldestRecord = {
  request_id: requestId,
  attempt: 1,
  started_at_ms: record.startedAtMs,
  duration_ms: 1234.5,
  first_byte_ms: 321.25,
  status: 'ok',
  reason: 'first by priority',
  http_status: 200,
  endpoint: '/v1/chat/completions',
  operation: 'chat',
  is_stream: 1,
  organisation: 'acme',
  team: 'search',
  key_id: 'lasting000',
  metadata: '{}',
  requested_model: 'smart',
  catalog_model: 'smart',
  provider: 'openai',
  target_model: 'gpt-5.2',
  credential_id: 'openai#0',
  usage_source: 'provider',
  cost_nanos: 2_000,
  price_version: 'genai-prices@0.1.8/openai/gpt-5.2',
  config_version: 'a1b2c3d4',
  input_uncached: 1500,
  cache_read: 0,
  cache_write5m: 0,
  cache_write1h: 0,
  cache_write_other: 0,
  input_audio: 0,
  input_image: 0,
  output_text: 321,
  output_reasoning: 0,
  output_audio: 0,
  output_image: 0,
  web_searches: 0,
} as const

function oldestKey(key: KeyEntry): Readonly<Record<string, SQLInputValue>> {
  const { id, name, hash, last4, organisation, createdAtMs, expiresAtMs, revokedAtMs } = key
  return {
    id,
    name,
    hash,
    last4: last4 ?? null,
    organisation,
    created_at_ms: createdAtMs,
    expires_at_ms: expiresAtMs ?? null,
    revoked_at_ms: revokedAtMs ?? null,
  }
}
