import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { amountText } from '../../canonical/budget-amount.ts'
import type { BooksRebuilt } from '../../stores/ports/budget-accounts.ts'
import { accountTold } from '../account-told.ts'
import type { Changes } from '../changes.ts'
import { rebuildOrder, rebuiltBody, shownDifferences, type RebuiltBody } from '../contract/ledger.ts'
import type { AdminParts } from '../ports.ts'
import { changeProblems, json, optionalJsonBody } from './answers.ts'

const rebuild = createRoute({
  method: 'post',
  path: '/api/ledger/rebuild',
  operationId: 'rebuildLedger',
  summary: 'Add up every record and entry anew, tell which accounts were kept otherwise, and put them right.',
  tags: ['Budgets'],
  request: { body: optionalJsonBody(rebuildOrder) },
  responses: { 200: json(rebuiltBody, 'What differed.'), ...changeProblems },
})

export function ledgerRoutes(parts: AdminParts, changes: Changes): OpenAPIHono {
  return new OpenAPIHono().openapi(rebuild, async (http) => {
    const { isDryRun = false } = http.req.valid('json')
    const told = await changes.alone(async () => {
      const rebuilt = isDryRun
        ? await parts.stores.accounts.rebuild({ repair: undefined })
        : await changes.repair({ action: 'ledger.rebuild', target: 'ledger' })
      if (!isDryRun) await parts.ledger.correct(rebuilt.differences.map(({ accountId }) => accountId))
      return bodyOf(isDryRun, rebuilt, await parts.ledger.unexplained())
    })
    return http.json(told, 200)
  })
}

function bodyOf(isDryRun: boolean, { accounts, differences }: BooksRebuilt, unexplained: bigint): RebuiltBody {
  return {
    isDryRun,
    accounts,
    differing: differences.length,
    differences: differences.slice(0, shownDifferences).map(({ accountId, kept, posted, keptUnknown, unknown }) => {
      const { account, unit } = accountTold(accountId)
      return {
        ...account,
        kept: amountText(unit, kept),
        spent: amountText(unit, posted),
        keptUnknown: amountText(unit, keptUnknown),
        unknown: amountText(unit, unknown),
      }
    }),
    unexplained: unexplained.toString(),
  }
}
