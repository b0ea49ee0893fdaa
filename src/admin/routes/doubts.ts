import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { amountText } from '../../canonical/budget-amount.ts'
import { writeUsd } from '../../canonical/money.ts'
import type { UsageRecord } from '../../canonical/usage-record.ts'
import { isInDoubt, resolve, type Resolution } from '../../ledger/resolve.ts'
import type { NewLedgerEntry } from '../../stores/ports/ledger-entries.ts'
import type { AdjustedRecord } from '../../stores/ports/usage-records.ts'
import { accountTold } from '../account-told.ts'
import type { Changes } from '../changes.ts'
import { doubtListQuery, doubtPage, resolvedBody, resolveOrder, type DoubtBody } from '../contract/doubt.ts'
import { pageLimits } from '../contract/page.ts'
import { writeMoment } from '../moments.ts'
import type { AdminParts } from '../ports.ts'
import { AdminProblem } from '../problem.ts'
import { amountIn } from '../read-amount.ts'
import { readRecordPlace, writeRecordPlace } from '../record-place.ts'
import { changeProblems, json, jsonBody, notFound, problems, unavailable } from './answers.ts'

const tags = ['Budgets']

const listDoubts = createRoute({
  method: 'get',
  path: '/api/ledger/doubts',
  operationId: 'listDoubts',
  summary: 'Attempts whose end nobody knows, and that are counted at the most they can have cost; the first one first.',
  tags,
  request: { query: doubtListQuery },
  responses: { 200: json(doubtPage, 'One page.'), ...problems, ...unavailable },
})

const resolveDoubt = createRoute({
  method: 'post',
  path: '/api/ledger/resolve',
  operationId: 'resolveDoubt',
  summary: 'Say what an attempt in doubt really came to. It becomes entries of the ledger; no record is edited.',
  description:
    'What budgets hold of it is corrected in the windows in which it was posted. A second one replaces the first: a mistake can be mended.',
  tags,
  request: { body: jsonBody(resolveOrder) },
  responses: { 200: json(resolvedBody, 'What it counts as now.'), ...changeProblems, ...notFound },
})

/** What is counted at the most since nobody knew better, and what somebody learnt of it later. */
export function doubtRoutes(parts: AdminParts, changes: Changes): OpenAPIHono {
  const app = new OpenAPIHono()

  app.openapi(listDoubts, async (http) => {
    const { limit = pageLimits.default, after, from = 0, to = Number.MAX_SAFE_INTEGER } = http.req.valid('query')
    const { records, next } = await parts.stores.usage.page({
      fromMs: from,
      untilMs: to,
      where: {},
      after: after === undefined ? undefined : readRecordPlace(after),
      limit,
      isInDoubt: true,
    })
    const nextAfter = next === undefined ? null : writeRecordPlace(next)
    return http.json({ items: records.map(doubtOf), nextAfter }, 200)
  })

  app.openapi(resolveDoubt, async (http) => {
    const { requestId, attempt, costUsd, tokens, reason } = http.req.valid('json')
    const cameTo = {
      nanos: amountIn('usd', 'costUsd', costUsd, 0n),
      tokens: tokens === undefined ? undefined : amountIn('tokens', 'tokens', tokens, 0n),
    }
    // Alone also to look: of two at once each would count the difference to what was there before.
    const resolution = await changes.alone(async () => {
      const record = await findInDoubt(parts, requestId, attempt)
      const entries = await parts.stores.entries.ofRequest(requestId)
      const found = resolve({ record, adjustments: entries.filter((entry) => entry.attempt === attempt), cameTo })
      const told = {
        beforeUsd: found.beforeNanos === undefined ? null : writeUsd(found.beforeNanos),
        costUsd: writeUsd(cameTo.nanos),
        tokens: cameTo.tokens?.toString() ?? null,
        reason: reason ?? null,
      }
      const target = `attempt ${attempt} of ${requestId}`
      await changes.enter(entriesOf(found, record, JSON.stringify(told)), {
        action: 'ledger.resolve',
        target,
        detail: told,
      })
      return found
    })
    const { beforeNanos, differenceNanos, accounts } = resolution
    const body = {
      requestId,
      attempt,
      beforeUsd: beforeNanos === undefined ? null : writeUsd(beforeNanos),
      costUsd: writeUsd(cameTo.nanos),
      differenceUsd: writeUsd(differenceNanos),
      accounts: accounts.map(accountOf),
    }
    return http.json(body, 200)
  })

  return app
}

/** @throws AdminProblem `not_found`, and `conflict` for one whose usage is known. */
async function findInDoubt(parts: AdminParts, requestId: string, attempt: number): Promise<UsageRecord> {
  const records = await parts.stores.usage.ofRequest(requestId)
  if (records.length === 0) throw new AdminProblem('not_found', 'No exchange with this id has been recorded.')
  const record = records.find((one) => one.attempt === attempt)
  if (!record)
    throw new AdminProblem('not_found', `The exchange has no attempt ${attempt} that has ended: see \`weir exchange\`.`)
  if (!isInDoubt(record))
    throw new AdminProblem(
      'conflict',
      `What attempt ${attempt} used is known (usageSource ${record.usageSource}). Only what is in doubt can be resolved: \`weir ledger doubts\` lists it.`,
    )
  return record
}

function entriesOf(
  { differenceNanos, accounts }: Resolution,
  { requestId, attempt }: UsageRecord,
  detail: string,
): readonly NewLedgerEntry[] {
  const entry = { kind: 'resolve', requestId, attempt, detail } as const
  return [
    { ...entry, accountId: undefined, amount: differenceNanos },
    ...accounts.map(({ accountId, before, after }) => ({ ...entry, accountId, amount: after - before })),
  ]
}

function doubtOf({ record, reratedNanos }: AdjustedRecord): DoubtBody {
  const { costNanos } = record
  const isKnown = costNanos !== undefined || reratedNanos !== undefined
  return {
    requestId: record.requestId,
    attempt: record.attempt,
    startedAt: writeMoment(record.startedAtMs),
    organisation: record.organisation,
    team: record.team ?? null,
    keyId: record.keyId,
    provider: record.provider ?? null,
    model: record.targetModel ?? null,
    status: record.status,
    costUsd: isKnown ? writeUsd((costNanos ?? 0n) + (reratedNanos ?? 0n)) : null,
  }
}

function accountOf({ accountId, before, after }: Resolution['accounts'][number]) {
  const { account, unit } = accountTold(accountId)
  return { ...account, before: amountText(unit, before), after: amountText(unit, after) }
}
