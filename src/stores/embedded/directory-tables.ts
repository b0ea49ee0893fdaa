import type { DatabaseSync } from 'node:sqlite'
import { budgetsSettings, type BudgetsSettings } from '../../config/budget-settings.ts'
import { limitsSettings, type LimitsSettings } from '../../config/limit-settings.ts'
import type { DirectoryChange, DirectoryContents, Entity, EntityKind, KeyEntry } from '../ports/directory.ts'
import { frozen, type EntityName } from './directory-change.ts'

export function readDirectory(database: DatabaseSync): DirectoryContents {
  const entities = database.prepare('SELECT * FROM entities ORDER BY created_at_ms, organisation, team, name').all()
  const keys = database.prepare('SELECT * FROM api_keys ORDER BY created_at_ms, id').all()
  return frozen(entities.map(entityOfRow), keys.map(keyOfRow))
}

/** Writes a change that `contentsAfter` has accepted. To be called inside a transaction. */
export function writeChange(database: DatabaseSync, change: DirectoryChange): void {
  switch (change.kind) {
    case 'put-entity':
      return putEntity(database, change.entity)
    case 'remove-entity':
      return expectOneRow(
        database
          .prepare('DELETE FROM entities WHERE kind = ? AND organisation = ? AND team = ? AND name = ?')
          .run(...primaryKeyOf(change.entity)).changes,
      )
    case 'add-key':
      return addKey(database, change.key)
    case 'revoke-key':
      return expectOneRow(
        database
          .prepare('UPDATE api_keys SET revoked_at_ms = COALESCE(revoked_at_ms, ?) WHERE id = ?')
          .run(change.atMs, change.keyId).changes,
      )
    case 'rotate-key':
      expectOneRow(
        database
          .prepare('UPDATE api_keys SET expires_at_ms = MIN(COALESCE(expires_at_ms, ?1), ?1) WHERE id = ?2')
          .run(change.oldExpiresAtMs, change.oldKeyId).changes,
      )
      return addKey(database, change.key)
  }
}

function putEntity(database: DatabaseSync, entity: Entity): void {
  database
    .prepare(
      `INSERT INTO entities (kind, organisation, team, name, models, require, limits, budgets, timezone, created_at_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (kind, organisation, team, name)
       DO UPDATE SET models = excluded.models, require = excluded.require, limits = excluded.limits,
         budgets = excluded.budgets, timezone = excluded.timezone, created_at_ms = excluded.created_at_ms`,
    )
    .run(
      ...primaryKeyOf(entity),
      jsonText(entity.models),
      jsonText(entity.require),
      jsonText(entity.limits),
      jsonText(entity.budgets),
      entity.timezone ?? null,
      entity.createdAtMs,
    )
}

function addKey(database: DatabaseSync, key: KeyEntry): void {
  database
    .prepare(
      `INSERT INTO api_keys (id, name, hash, last4, models, require, limits, budgets, organisation, team, project, user, agent,
         created_at_ms, expires_at_ms, lifetime_ms, revoked_at_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      key.id,
      key.name,
      key.hash,
      key.last4 ?? null,
      jsonText(key.models),
      jsonText(key.require),
      jsonText(key.limits),
      jsonText(key.budgets),
      key.organisation,
      key.team ?? null,
      key.project ?? null,
      key.user ?? null,
      key.agent ?? null,
      key.createdAtMs,
      key.expiresAtMs ?? null,
      key.lifetimeMs ?? null,
      key.revokedAtMs ?? null,
    )
}

/** The snapshot in memory said that the row is there. If it is not, memory and file differ, and that is a mistake of ours. */
function expectOneRow(changes: number | bigint): void {
  if (Number(changes) !== 1)
    throw new Error(`the directory in memory and in the database differ: ${changes} rows changed instead of 1`)
}

function primaryKeyOf({ kind, organisation, team, name }: EntityName): [string, string, string, string] {
  return [kind, organisation ?? '', team ?? '', name]
}

const jsonText = (value: object | undefined): string | null => (value === undefined ? null : JSON.stringify(value))

type Row = Readonly<Record<string, unknown>>

function entityOfRow(row: Row): Entity {
  // The table's CHECK holds the kinds to these.
  const kind = String(row['kind']) as EntityKind
  return Object.freeze({
    kind,
    name: String(row['name']),
    organisation: kind === 'organisation' ? undefined : String(row['organisation']),
    team: kind === 'project' ? String(row['team']) : undefined,
    models: textsOf(row['models']),
    require: textsOf(row['require']),
    limits: limitsOf(row['limits']),
    budgets: budgetsOf(row['budgets']),
    timezone: textOf(row['timezone']),
    createdAtMs: Number(row['created_at_ms']),
  })
}

function keyOfRow(row: Row): KeyEntry {
  return Object.freeze({
    id: String(row['id']),
    name: String(row['name']),
    hash: String(row['hash']),
    last4: textOf(row['last4']),
    models: textsOf(row['models']),
    require: textsOf(row['require']),
    limits: limitsOf(row['limits']),
    budgets: budgetsOf(row['budgets']),
    organisation: String(row['organisation']),
    team: textOf(row['team']),
    project: textOf(row['project']),
    user: textOf(row['user']),
    agent: textOf(row['agent']),
    createdAtMs: Number(row['created_at_ms']),
    expiresAtMs: numberOf(row['expires_at_ms']),
    lifetimeMs: numberOf(row['lifetime_ms']),
    revokedAtMs: numberOf(row['revoked_at_ms']),
  })
}

const textOf = (value: unknown): string | undefined => (value === null ? undefined : String(value))
const numberOf = (value: unknown): number | undefined => (value === null ? undefined : Number(value))

function textsOf(value: unknown): readonly string[] | undefined {
  if (value === null) return undefined
  const texts: unknown = JSON.parse(String(value))
  return Array.isArray(texts) ? Object.freeze(texts.map(String)) : undefined
}

/** Judged by the schema again: what the admin API accepted it must still say. */
function limitsOf(value: unknown): LimitsSettings | undefined {
  return value === null ? undefined : Object.freeze(limitsSettings.parse(JSON.parse(String(value))))
}

/** The same. */
function budgetsOf(value: unknown): BudgetsSettings | undefined {
  return value === null ? undefined : Object.freeze(budgetsSettings.parse(JSON.parse(String(value))))
}
