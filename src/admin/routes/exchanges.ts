import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { writeUsd } from '../../canonical/money.ts'
import type { LedgerEntry } from '../../stores/ports/ledger-entries.ts'
import { exchangeBody, exchangePath } from '../contract/exchange.ts'
import { decisionBodyOf } from '../decision-body.ts'
import { writeMoment } from '../moments.ts'
import type { AdminParts } from '../ports.ts'
import { AdminProblem } from '../problem.ts'
import { usageRecordBodyOf } from '../usage-record-body.ts'
import { json, notFound, problems, unavailable } from './answers.ts'
import { noQuery } from './no-query.ts'

const readExchange = createRoute({
  method: 'get',
  path: '/api/exchanges/{id}',
  operationId: 'readExchange',
  summary: 'What became of one exchange and why: its usage records, one per attempt, and its decision.',
  description: 'The id is the `x-weir-request-id` that the client was given.',
  tags: ['Usage'],
  request: { params: exchangePath, query: noQuery },
  responses: { 200: json(exchangeBody, 'Its records.'), ...problems, ...notFound, ...unavailable },
})

export function exchangeRoutes(parts: AdminParts): OpenAPIHono {
  return new OpenAPIHono().openapi(readExchange, async (http) => {
    const { id } = http.req.valid('param')
    const records = await parts.stores.usage.ofRequest(id)
    if (records.length === 0) throw new AdminProblem('not_found', 'No exchange with this id has been recorded.')
    const entries = await parts.stores.entries.ofRequest(id)
    const adjustments = entries.flatMap((entry) => adjustmentOf(entry) ?? [])
    const decision = decisionBodyOf(records)
    return http.json({ id, records: records.map(usageRecordBodyOf), adjustments, decision }, 200)
  })
}

/** `undefined`: it changes an account of a budget, not the cost. */
function adjustmentOf({ attempt, atMs, actor, kind, accountId, amount, detail }: LedgerEntry) {
  if ((kind !== 'rerate' && kind !== 'resolve') || accountId !== undefined) return undefined
  const told: Record<string, unknown> = JSON.parse(detail)
  return { attempt: attempt ?? null, at: writeMoment(atMs), actor, kind, amountUsd: writeUsd(amount), detail: told }
}
