import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { isJsonObject, type JsonObject } from '../../canonical/json.ts'
import type { AuditEntry } from '../../stores/ports/audit.ts'
import { auditListQuery, auditPage, auditVerdictBody, type AuditEntryBody } from '../contract/audit.ts'
import { pageLimits } from '../contract/page.ts'
import { writeMoment } from '../moments.ts'
import type { AdminParts } from '../ports.ts'
import { json, problems, unavailable } from './answers.ts'
import { noQuery } from './no-query.ts'

const tags = ['Audit']

const listAudit = createRoute({
  method: 'get',
  path: '/api/audit',
  operationId: 'listAudit',
  summary: 'Who changed what, through this API or with the config file, from the first entry on.',
  tags,
  request: { query: auditListQuery },
  responses: { 200: json(auditPage, 'One page.'), ...problems, ...unavailable },
})

const verifyAudit = createRoute({
  method: 'get',
  path: '/api/audit/verify',
  operationId: 'verifyAudit',
  summary: 'Recompute the chain of the audit log. An edited or removed entry breaks it.',
  tags,
  request: { query: noQuery },
  responses: { 200: json(auditVerdictBody, 'The verdict, good or bad.'), ...problems, ...unavailable },
})

export function auditRoutes(parts: AdminParts): OpenAPIHono {
  const app = new OpenAPIHono()

  app.openapi(listAudit, async (http) => {
    const { limit = pageLimits.default, after = 0 } = http.req.valid('query')
    const entries = await parts.stores.audit.list({ afterSequence: after, limit: limit + 1 })
    const shown = entries.slice(0, limit)
    const last = shown.at(-1)
    const nextAfter = entries.length > limit && last !== undefined ? String(last.sequence) : null
    return http.json({ items: shown.map(bodyOf), nextAfter }, 200)
  })

  app.openapi(verifyAudit, async (http) => {
    const verdict = await parts.stores.audit.verify()
    if (!verdict.isIntact) return http.json({ ...verdict }, 200)
    return http.json({ isIntact: true as const, entries: verdict.entries, lastChainHash: verdict.lastHash }, 200)
  })

  return app
}

function bodyOf(entry: AuditEntry): AuditEntryBody {
  return {
    sequence: entry.sequence,
    at: writeMoment(entry.atMs),
    actor: entry.actor,
    action: entry.action,
    target: entry.target,
    detail: detailOf(entry.detail),
    previousChainHash: entry.previousHash,
    chainHash: entry.hash,
  }
}

/** An entry that someone edited may hold anything. It must still be shown: `verify` says that it was edited. */
function detailOf(text: string): Record<string, unknown> {
  const detail = parsed(text)
  return detail ? { ...detail } : { unreadable: text }
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
