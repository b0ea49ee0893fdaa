import type { DatabaseSync } from 'node:sqlite'
import type { KeptObject, ObjectsQuestion, OpenAsked, StateHolder } from '../ports/state-holders.ts'
import { isStateKind } from '../ports/state-holders.ts'

/** OpenAI keeps responses for 30 days (its guide on conversation state, read 2026-11). What is older is nowhere to be found. */
export const answersKeptMs = 30 * 86_400_000
/** How many of those are deleted with each write, so that no write takes long. */
const mostForgottenAtOnce = 1_000

/**
 * To be called inside a transaction. What another organisation has kept under the same name stays its own, and what is seen
 * again keeps its place in lists. An item that is seen in a conversation is no longer forgotten with the answer it came with.
 */
export function writeKept(database: DatabaseSync, objects: readonly KeptObject[]): undefined {
  const insert = database.prepare(
    `INSERT INTO kept_state (id, kind, organisation, provider, credential_id, kept_at_ms, model, open) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET kept_at_ms = IIF(kind = 'answer', excluded.kept_at_ms, kept_at_ms), provider = excluded.provider,
       credential_id = excluded.credential_id, kind = IIF(kind = 'answer', excluded.kind, kind) WHERE organisation = excluded.organisation`,
  )
  let newestMs = 0
  for (const { id, holder, keptAtMs, open } of objects) {
    const { kind, organisation, provider, credentialId, modelName } = holder
    insert.run(id, kind, organisation, provider, credentialId, keptAtMs, modelName ?? null, open ?? null)
    newestMs = Math.max(newestMs, keptAtMs)
  }
  database
    .prepare(
      `DELETE FROM kept_state WHERE id IN
         (SELECT id FROM kept_state WHERE kind = 'answer' AND kept_at_ms < ? ORDER BY kept_at_ms LIMIT ?)`,
    )
    .run(newestMs - answersKeptMs, mostForgottenAtOnce)
}

/** In the order of the ids. */
export function readKept(database: DatabaseSync, ids: readonly string[]): readonly (StateHolder | undefined)[] {
  const find = database.prepare(
    'SELECT kind, organisation, provider, credential_id, model FROM kept_state WHERE id = ?',
  )
  return ids.map((id) => {
    const row = find.get(id)
    const kind = row?.['kind']
    if (!row || !isStateKind(kind)) return undefined
    return {
      kind,
      organisation: String(row['organisation']),
      provider: String(row['provider']),
      credentialId: String(row['credential_id']),
      ...(typeof row['model'] === 'string' && { modelName: row['model'] }),
    }
  })
}

/** The newest first. */
export function pageKept(database: DatabaseSync, question: ObjectsQuestion): readonly string[] {
  const { organisation, kind, providers, after, limit } = question
  return database
    .prepare(
      `SELECT id FROM kept_state WHERE organisation = ? AND kind = ? AND kind <> 'answer'
         AND provider IN (SELECT value FROM json_each(?))
         AND (? IS NULL OR (kept_at_ms, id) < (SELECT kept_at_ms, id FROM kept_state WHERE id = ?))
       ORDER BY kept_at_ms DESC, id DESC LIMIT ?`,
    )
    .all(organisation, kind, JSON.stringify(providers), after ?? null, after ?? null, limit)
    .map((row) => String(row['id']))
}

export function removeKept(database: DatabaseSync, id: string): undefined {
  database.prepare('DELETE FROM kept_state WHERE id = ?').run(id)
}

/** To be called inside a transaction. */
export function removeKeptOf(database: DatabaseSync, organisation: string): void {
  database.prepare('DELETE FROM kept_state WHERE organisation = ?').run(organisation)
}

/** Its own key gets it once; from then on nothing is open. To be called inside a transaction. */
export function takeOpen(database: DatabaseSync, asked: OpenAsked): string | undefined {
  const open = findOpen(database, asked)
  if (open !== undefined) database.prepare('UPDATE kept_state SET open = NULL WHERE id = ?').run(asked.id)
  return open
}

/** For its own key only, where it names one. */
export function findOpen(database: DatabaseSync, { id, keyId }: OpenAsked): string | undefined {
  const found = database
    .prepare("SELECT open FROM kept_state WHERE id = ? AND COALESCE(json_extract(open, '$.keyId'), ?) = ?")
    .get(id, keyId, keyId)
  const open = found?.['open']
  return typeof open === 'string' ? open : undefined
}
