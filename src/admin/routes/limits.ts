import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { limitListQuery, limitPage, shownAccounts, type LimitBody } from '../contract/limit.ts'
import { writeMoment } from '../moments.ts'
import { pageBy } from '../page.ts'
import type { AdminParts, LimitView } from '../ports.ts'
import { json, problems, unavailable } from './answers.ts'

const listLimits = createRoute({
  method: 'get',
  path: '/api/limits',
  operationId: 'listLimits',
  summary: 'List limits, by id, and what is used of them now.',
  tags: ['Limits'],
  request: { query: limitListQuery },
  responses: { 200: json(limitPage, 'One page.'), ...problems, ...unavailable },
})

export function limitRoutes(parts: AdminParts): OpenAPIHono {
  return new OpenAPIHono().openapi(listLimits, async (http) => {
    const { level, ...page } = http.req.valid('query')
    const limits = await parts.limits()
    const asked = limits.filter(({ rule }) => level === undefined || rule.level === level)
    const { items, nextAfter } = pageBy(asked, ({ rule }) => rule.id, page)
    return http.json({ items: items.map((limit) => bodyOf(limit, parts.clock.nowMs())), nextAfter }, 200)
  })
}

function bodyOf({ rule, by, accounts }: LimitView, nowMs: number): LimitBody {
  const fullest = accounts.toSorted((one, other) => other.used - one.used).slice(0, shownAccounts)
  return {
    id: rule.id,
    name: rule.name,
    level: rule.level,
    unit: rule.unit,
    per: rule.per ?? null,
    most: rule.most,
    by: by ?? null,
    models: rule.models === undefined ? null : [...rule.models],
    accountCount: accounts.length,
    accounts: fullest.map(({ value, used, resetMs, waiting }) => ({
      value: value ?? null,
      used,
      remaining: Math.max(0, rule.most - used),
      resetsAt: resetMs === 0 ? null : writeMoment(nowMs + resetMs),
      waiting,
    })),
  }
}
