import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { amountText } from '../../canonical/budget-amount.ts'
import type { BudgetUnit } from '../../canonical/budget.ts'
import { readAccountId } from '../../ledger/account-id.ts'
import { readCapChange, readConfiguredCap, reasonOf } from '../../ledger/grants.ts'
import type { KeptAccount } from '../../stores/ports/budget-accounts.ts'
import { isOfSpending, type BudgetChange } from '../../stores/ports/ledger-entries.ts'
import {
  budgetAccountsQuery,
  budgetChangesPage,
  budgetChangesQuery,
  budgetHistoryPage,
  type BudgetChangeBody,
  type PastAccountBody,
} from '../contract/budget.ts'
import { pageLimits } from '../contract/page.ts'
import { writeMoment } from '../moments.ts'
import type { AdminParts } from '../ports.ts'
import { json, notFound, problems, unavailable } from './answers.ts'
import { findBudget } from './budgets.ts'

const tags = ['Budgets']

const readHistory = createRoute({
  method: 'get',
  path: '/api/budgets/history',
  operationId: 'readBudgetHistory',
  summary: 'What was spent in each window and account of a budget, the newest window first.',
  tags,
  request: { query: budgetAccountsQuery },
  responses: { 200: json(budgetHistoryPage, 'One page.'), ...problems, ...notFound, ...unavailable },
})

const listChanges = createRoute({
  method: 'get',
  path: '/api/budgets/changes',
  operationId: 'listBudgetChanges',
  summary:
    'Who changed what of a budget and when: its configured cap, top-ups, raises, other caps, re-ratings, what was resolved; the newest first.',
  tags,
  request: { query: budgetChangesQuery },
  responses: { 200: json(budgetChangesPage, 'One page.'), ...problems, ...notFound, ...unavailable },
})

export function budgetHistoryRoutes(parts: AdminParts): OpenAPIHono {
  const app = new OpenAPIHono()

  app.openapi(readHistory, async (http) => {
    const { budget, limit = pageLimits.default, after: before } = http.req.valid('query')
    const { rule } = findBudget(parts, budget)
    const found = await parts.stores.accounts.ofRule({ ruleId: rule.id, before, limit: limit + 1 })
    const { shown, last } = cut(found, limit)
    const items = shown.map((account) => pastAccountOf(rule.unit, account))
    return http.json({ items, nextAfter: last?.accountId ?? null }, 200)
  })

  app.openapi(listChanges, async (http) => {
    const { budget, limit = pageLimits.default, after: before } = http.req.valid('query')
    const { rule } = findBudget(parts, budget)
    const found = await parts.stores.entries.ofRule({ ruleId: rule.id, before, limit: limit + 1 })
    const { shown, last } = cut(found, limit)
    return http.json({ items: shown.map((change) => changeOf(rule.unit, change)), nextAfter: last?.place ?? null }, 200)
  })

  return app
}

/** @returns `last`: of what is shown, where there is more behind it. */
function cut<Item>(found: readonly Item[], limit: number): { readonly shown: readonly Item[]; readonly last?: Item } {
  const shown = found.slice(0, limit)
  const last = shown.at(-1)
  return found.length > shown.length && last !== undefined ? { shown, last } : { shown }
}

function pastAccountOf(unit: BudgetUnit, { accountId, posted, openedAtMs }: KeptAccount): PastAccountBody {
  const { windowId, value } = readAccountId(accountId)
  return {
    window: windowId,
    value: value ?? null,
    spent: unit === 'seconds' ? null : amountText(unit, posted),
    firstUsedAt: writeMoment(openedAtMs),
  }
}

function changeOf(
  unit: BudgetUnit,
  { kind, accountId, amount, atMs, actor, detail, entries }: BudgetChange,
): BudgetChangeBody {
  const account = accountId === undefined ? undefined : readAccountId(accountId)
  const grant = isOfSpending(kind) || kind === 'configured' ? undefined : readCapChange(detail)
  const capSet = kind === 'configured' ? readConfiguredCap(detail) : grant?.kind === 'cap' ? grant : undefined
  const raise = grant?.kind === 'raise' ? grant : undefined
  return {
    at: writeMoment(atMs),
    actor,
    kind,
    window: account?.windowId ?? null,
    value: account?.value ?? raise?.value ?? null,
    amount: capSet !== undefined && capSet.cap === undefined ? null : amountText(unit, amount),
    until: raise === undefined ? null : writeMoment(raise.untilMs),
    reason: grant === undefined && kind !== 'resolve' ? null : (reasonOf(detail) ?? null),
    entries,
  }
}
