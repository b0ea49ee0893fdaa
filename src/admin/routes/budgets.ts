import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { accountsBehind, accountsTogether } from '../budget-accounts.ts'
import { accountBodyOf, budgetBodyOf, budgetIdOf } from '../budget-body.ts'
import {
  budgetAccountPage,
  budgetAccountsQuery,
  budgetListQuery,
  budgetPage,
  shownAccounts,
} from '../contract/budget.ts'
import { pageLimits } from '../contract/page.ts'
import { pageBy } from '../page.ts'
import type { AdminParts, BudgetInForce } from '../ports.ts'
import { AdminProblem } from '../problem.ts'
import { json, notFound, problems, unavailable } from './answers.ts'

const tags = ['Budgets']

const listBudgets = createRoute({
  method: 'get',
  path: '/api/budgets',
  operationId: 'listBudgets',
  summary: 'List budgets, by id, and what is spent and held of them now.',
  tags,
  request: { query: budgetListQuery },
  responses: { 200: json(budgetPage, 'One page.'), ...problems, ...unavailable },
})

const listBudgetAccounts = createRoute({
  method: 'get',
  path: '/api/budgets/accounts',
  operationId: 'listBudgetAccounts',
  summary: 'List every account of one budget in its window of now, by id.',
  tags,
  request: { query: budgetAccountsQuery },
  responses: { 200: json(budgetAccountPage, 'One page.'), ...problems, ...notFound, ...unavailable },
})

export function budgetRoutes(parts: AdminParts): OpenAPIHono {
  const app = new OpenAPIHono()

  app.openapi(listBudgets, async (http) => {
    const { limit, after, accounts = shownAccounts.default, ...wanted } = http.req.valid('query')
    const asked = parts.budgets().filter((budget) => isWanted(budget, wanted))
    const { items, nextAfter } = pageBy(asked, ({ rule }) => budgetIdOf(rule), { limit, after })
    const rules = items.map(({ rule }) => rule)
    const together = await accountsTogether(parts, rules, accounts)
    const nowMs = parts.clock.nowMs()
    const bodies = items.flatMap((budget, place) => {
      const ofBudget = together[place]
      return ofBudget ? [budgetBodyOf(budget, ofBudget, nowMs, parts.ledger)] : []
    })
    return http.json({ items: bodies, nextAfter }, 200)
  })

  app.openapi(listBudgetAccounts, async (http) => {
    const { budget, limit = pageLimits.default, after = '' } = http.req.valid('query')
    const { rule } = findBudget(parts, budget)
    const behind = await accountsBehind(parts, rule, after, limit + 1)
    const { items, nextAfter } = pageBy(behind, ({ accountId }) => accountId, { limit, after })
    return http.json({ items: items.map((balance) => accountBodyOf(rule.unit, balance)), nextAfter }, 200)
  })

  return app
}

/** @throws AdminProblem `not_found`. */
export function findBudget(parts: Pick<AdminParts, 'budgets'>, id: string): BudgetInForce {
  const budget = parts.budgets().find(({ rule }) => budgetIdOf(rule) === id)
  if (!budget)
    throw new AdminProblem('not_found', `There is no budget "${id}": \`weir budgets\` lists those there are.`)
  return budget
}

interface Wanted extends Partial<BudgetInForce['place']> {
  readonly budget?: string | undefined
  readonly level?: string | undefined
  readonly name?: string | undefined
}

function isWanted({ rule, place }: BudgetInForce, { budget, level, name, ...owner }: Wanted): boolean {
  return (
    (budget === undefined || budgetIdOf(rule) === budget) &&
    (level === undefined || rule.level === level) &&
    (name === undefined || rule.name === name) &&
    ownerFields.every((field) => owner[field] === undefined || place[field] === owner[field])
  )
}

const ownerFields = ['organisation', 'team', 'project', 'user', 'agent'] as const
