import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { describeAccountKey } from '../../canonical/account-key.ts'
import { amountText } from '../../canonical/budget-amount.ts'
import type { BudgetRule } from '../../canonical/budget.ts'
import { accountIdOf } from '../../ledger/account-id.ts'
import { windowAt } from '../../ledger/window.ts'
import { accountBodyOf, budgetIdOf } from '../budget-body.ts'
import type { Changes } from '../changes.ts'
import { checkAccountValue } from '../check-account-value.ts'
import { capOrder, grantedBody, raiseOrder, topUpOrder, type GrantedBody } from '../contract/budget.ts'
import { writeMoment } from '../moments.ts'
import type { AdminParts } from '../ports.ts'
import { AdminProblem } from '../problem.ts'
import { amountIn } from '../read-amount.ts'
import { changeProblems, json, jsonBody, notFound } from './answers.ts'
import { findBudget } from './budgets.ts'

const tags = ['Budgets']
const responses = { 200: json(grantedBody, 'In force.'), ...changeProblems, ...notFound }

const topUp = createRoute({
  method: 'post',
  path: '/api/budgets/top-ups',
  operationId: 'topUpBudget',
  summary: 'Add to one account of a budget, until its window ends.',
  tags,
  request: { body: jsonBody(topUpOrder) },
  responses,
})

const raise = createRoute({
  method: 'post',
  path: '/api/budgets/raises',
  operationId: 'raiseBudget',
  summary: 'Raise the cap of a budget for a time, in every window until then.',
  tags,
  request: { body: jsonBody(raiseOrder) },
  responses,
})

const setCap = createRoute({
  method: 'post',
  path: '/api/budgets/caps',
  operationId: 'setBudgetCap',
  summary: 'Set another cap in the place of the configured one, or go back to that. What is held stays held.',
  tags,
  request: { body: jsonBody(capOrder) },
  responses,
})

/** What may be spent, changed without the config: each change is an entry of the ledger. */
export function grantRoutes(parts: AdminParts, changes: Changes): OpenAPIHono {
  const app = new OpenAPIHono()

  app.openapi(topUp, async (http) => {
    const { budget, value, amount: text, reason } = http.req.valid('json')
    const granted = await changes.alone(async () => {
      const { rule } = findBudget(parts, budget)
      const amount = amountToAdd(rule, text)
      checkAccountValue(parts, rule, value)
      if (rule.by !== undefined && value === undefined)
        throw new AdminProblem(
          'invalid_request',
          `value: missing; budget "${budget}" has one account for each ${describeAccountKey(rule.by)}: say which`,
        )
      const accountId = accountIdOf({ rule, value }, windowAt(rule, parts.clock.nowMs()))
      const detail = { value: value ?? null, amount: amountText(rule.unit, amount), reason: reason ?? null }
      const told = { action: 'budget.top-up', target: `budget ${budget}`, detail }
      await changes.grant({ kind: 'top-up', accountId, amount }, told, reason)
      return grantedOf(parts, rule, value)
    })
    return http.json(granted, 200)
  })

  app.openapi(raise, async (http) => {
    const { budget, value, amount: text, until, reason } = http.req.valid('json')
    const untilMs = Date.parse(until)
    const granted = await changes.alone(async () => {
      const { rule } = findBudget(parts, budget)
      const amount = amountToAdd(rule, text)
      checkAccountValue(parts, rule, value)
      if (untilMs <= parts.clock.nowMs())
        throw new AdminProblem('invalid_request', `until: ${writeMoment(untilMs)} is over; a raise ends in the future`)
      const detail = {
        value: value ?? null,
        amount: amountText(rule.unit, amount),
        until: writeMoment(untilMs),
        reason: reason ?? null,
      }
      const told = { action: 'budget.raise', target: `budget ${budget}`, detail }
      await changes.grant({ kind: 'raise', ruleId: rule.id, value, amount, untilMs }, told, reason)
      return grantedOf(parts, rule, value)
    })
    return http.json(granted, 200)
  })

  app.openapi(setCap, async (http) => {
    const { budget, cap: text, reason } = http.req.valid('json')
    const granted = await changes.alone(async () => {
      const { rule } = findBudget(parts, budget)
      const cap = text === null ? undefined : amountIn(rule.unit, 'cap', text, 0n)
      const detail = { cap: cap === undefined ? null : amountText(rule.unit, cap), reason: reason ?? null }
      const told = { action: 'budget.cap', target: `budget ${budget}`, detail }
      await changes.grant({ kind: 'cap', ruleId: rule.id, cap }, told, reason)
      return grantedOf(parts, rule, undefined)
    })
    return http.json(granted, 200)
  })

  return app
}

function amountToAdd({ unit }: BudgetRule, text: string): bigint {
  return amountIn(unit, 'amount', text, 1n)
}

async function grantedOf(
  parts: Pick<AdminParts, 'ledger'>,
  rule: BudgetRule,
  value: string | undefined,
): Promise<GrantedBody> {
  const { unit } = rule
  const budget = budgetIdOf(rule)
  const cap = amountText(unit, parts.ledger.capOf({ rule, value: undefined }))
  if (rule.by !== undefined && value === undefined) return { budget, cap, account: null }
  const [balance] = await parts.ledger.balancesFor([{ rule, value }])
  return { budget, cap, account: balance ? accountBodyOf(unit, balance) : null }
}
