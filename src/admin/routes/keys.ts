import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import type { KeyEntry } from '../../stores/ports/directory.ts'
import type { Changes } from '../changes.ts'
import {
  keyBody,
  keyDefaults,
  keyListQuery,
  keyPage,
  keyPath,
  keyRotation,
  madeKeyBody,
  newKey,
  rotatedKeyBody,
} from '../contract/key.ts'
import { lifeOf } from '../key-expiry.ts'
import { keyBodyOf, statusOf } from '../key-view.ts'
import { policyTold } from '../policy-told.ts'
import { writeMaybeMoment, writeMoment } from '../moments.ts'
import { requireOwners } from '../owners.ts'
import { requireModels } from '../require-models.ts'
import { pageBy } from '../page.ts'
import type { AdminParts, KeyView } from '../ports.ts'
import { AdminProblem } from '../problem.ts'
import { changeProblems, json, jsonBody, notFound, optionalJsonBody, problems } from './answers.ts'
import { emptyBody } from './empty-body.ts'

const tags = ['Keys']

const listKeys = createRoute({
  method: 'get',
  path: '/api/keys',
  operationId: 'listKeys',
  summary: 'List keys, of the config file and of this API, by id. Never the keys themselves, nor their hashes.',
  tags,
  request: { query: keyListQuery },
  responses: { 200: json(keyPage, 'One page.'), ...problems },
})

const createKey = createRoute({
  method: 'post',
  path: '/api/keys',
  operationId: 'createKey',
  summary: 'Create a key. The key itself is in this answer and never shown again.',
  tags,
  request: { body: jsonBody(newKey) },
  responses: { 201: json(madeKeyBody, 'Created.'), ...changeProblems },
})

const revokeKey = createRoute({
  method: 'post',
  path: '/api/keys/{id}/revoke',
  operationId: 'revokeKey',
  summary:
    'Revoke a key. When this answers, the key is refused; where there are workers, by each that `listWorkers` does not show as silent. Repeating it changes nothing.',
  tags,
  request: { params: keyPath, body: emptyBody },
  responses: { 200: json(keyBody, 'As it is now.'), ...changeProblems, ...notFound },
})

const rotateKey = createRoute({
  method: 'post',
  path: '/api/keys/{id}/rotate',
  operationId: 'rotateKey',
  summary: 'Replace a key by a new one of the same owner; the old one works a while longer.',
  tags,
  request: { params: keyPath, body: optionalJsonBody(keyRotation) },
  responses: { 201: json(rotatedKeyBody, 'The new key, and when the old one ends.'), ...changeProblems, ...notFound },
})

export function keyRoutes(parts: AdminParts, changes: Changes): OpenAPIHono {
  const app = new OpenAPIHono()

  app.openapi(listKeys, (http) => {
    const { limit, after, status, ...wanted } = http.req.valid('query')
    const nowMs = parts.clock.nowMs()
    const matching = parts
      .identities()
      .keys.filter((key) => status === undefined || statusOf(key, nowMs) === status)
      .filter((key) => filterNames.every((field) => wanted[field] === undefined || key[field] === wanted[field]))
    const { items, nextAfter } = pageBy(matching, ({ id }) => id, { limit, after })
    return http.json({ items: items.map((key) => keyBodyOf(key, nowMs)), nextAfter }, 200)
  })

  app.openapi(createKey, async (http) => {
    const body = http.req.valid('json')
    const nowMs = parts.clock.nowMs()
    const made = await changes.alone(async () => {
      const { key, id, hash, last4 } = parts.makeKey()
      const entry: KeyEntry = {
        id,
        name: body.name,
        hash,
        last4,
        organisation: body.organisation,
        team: body.team,
        project: body.project,
        user: body.user,
        agent: body.agent,
        models: body.models ?? undefined,
        require: body.require ?? undefined,
        limits: body.limits ?? undefined,
        budgets: body.budgets ?? undefined,
        createdAtMs: nowMs,
        ...lifeOf(body, nowMs, keyDefaults.expiryDays * dayMs),
        revokedAtMs: undefined,
      }
      requireOwners(parts, entry)
      requireModels(parts, entry)
      const told = { action: 'key.create', target: `key ${id}`, detail: particulars(entry) }
      await changes.write({ kind: 'add-key', key: entry }, told)
      return { ...keyBodyOf(viewOf(entry), nowMs), key }
    })
    return http.json(made, 201)
  })

  app.openapi(revokeKey, async (http) => {
    const { id } = http.req.valid('param')
    const nowMs = parts.clock.nowMs()
    const revoked = await changes.alone(async () => {
      const before = changeable(parts, id)
      if (before.revokedAtMs !== undefined) return before
      const told = { action: 'key.revoke', target: `key ${id}`, detail: { name: before.name } }
      await changes.write({ kind: 'revoke-key', keyId: id, atMs: nowMs }, told)
      return { ...before, revokedAtMs: nowMs }
    })
    return http.json(keyBodyOf(revoked, nowMs), 200)
  })

  app.openapi(rotateKey, async (http) => {
    const { id: oldId } = http.req.valid('param')
    const { overlapSeconds = keyDefaults.overlapSeconds, ...expiry } = http.req.valid('json')
    const nowMs = parts.clock.nowMs()
    const rotated = await changes.alone(async () => {
      const old = changeable(parts, oldId)
      const status = statusOf(old, nowMs)
      if (status !== 'active')
        throw new AdminProblem(
          'conflict',
          `Key ${oldId} is ${status}: only a key that works can be rotated. Create one.`,
        )
      const { key, id, hash, last4 } = parts.makeKey()
      const { managedBy: _asBefore, isOwnerless: _nor, ...kept } = old
      const life = lifeOf(expiry, nowMs, old.lifetimeMs)
      const entry: KeyEntry = { ...kept, id, hash, last4, createdAtMs: nowMs, ...life }
      const oldExpiresAtMs = Math.min(old.expiresAtMs ?? Infinity, nowMs + overlapSeconds * 1_000)
      const detail = { ...particulars(entry), oldKey: oldId, oldExpiresAt: writeMoment(oldExpiresAtMs) }
      const told = { action: 'key.rotate', target: `key ${id}`, detail }
      await changes.write({ kind: 'rotate-key', oldKeyId: oldId, oldExpiresAtMs, key: entry }, told)
      const replaces = { id: oldId, expiresAt: writeMoment(oldExpiresAtMs) }
      return { ...keyBodyOf(viewOf(entry), nowMs), key, replaces }
    })
    return http.json(rotated, 201)
  })

  return app
}

const dayMs = 86_400_000

const filterNames = ['name', 'organisation', 'team', 'project', 'user', 'agent', 'managedBy'] as const

function viewOf({ hash: _keptHere, ...visible }: KeyEntry): KeyView {
  return { ...visible, managedBy: 'api', isOwnerless: false }
}

function changeable(parts: AdminParts, id: string): KeyView {
  const key = parts.identities().keys.find((known) => known.id === id)
  if (!key) throw new AdminProblem('not_found', 'There is no key with this id.')
  if (key.managedBy === 'config')
    throw new AdminProblem('conflict', `Key ${id} is in the config file: change it there and reload.`)
  return key
}

/** For the audit log: who may use it and until when. Neither the key nor its hash. */
function particulars(entry: KeyEntry) {
  return {
    name: entry.name,
    organisation: entry.organisation,
    team: entry.team ?? null,
    project: entry.project ?? null,
    user: entry.user ?? null,
    agent: entry.agent ?? null,
    models: entry.models ?? null,
    ...(entry.require ? { require: entry.require } : {}),
    ...(entry.limits ? { limits: policyTold(entry.limits) } : {}),
    ...(entry.budgets ? { budgets: policyTold(entry.budgets) } : {}),
    expiresAt: writeMaybeMoment(entry.expiresAtMs),
  }
}
