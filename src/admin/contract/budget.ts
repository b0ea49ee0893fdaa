import { z } from '@hono/zod-openapi'
import { budgetPeriods, budgetUnits } from '../../canonical/budget.ts'
import { ledgerEntryKinds } from '../../stores/ports/ledger-entries.ts'
import { countInQuery, managedBy, moment, name } from './field.ts'
import { pageOf, pageQuery } from './page.ts'

/** Accounts of one budget that one answer shows. */
export const shownAccounts = { default: 20, most: 1_000 } as const

export const amount = z
  .string()
  .regex(/^-?\d+(\.\d{9})?$/)
  .openapi({
    description: 'In the unit of the budget: dollars as a decimal with nine places, anything else as a whole number.',
    example: '12.345678900',
  })

/** One budget among all: its level, with the id of a key in the place of its name, and its own name. */
export const budgetId = z
  .string()
  .min(1)
  .max(512)
  .openapi({ description: 'Level and name of a budget, as `id` tells it.', example: 'team acme/search/monthly' })

export const budgetAccount = z
  .object({
    value: z
      .string()
      .nullable()
      .openapi({ description: 'Whose account it is, for a budget with `by`; `null`: of all calls, or of the others.' }),
    cap: amount.openapi({ description: 'With every top-up, raise and change of the cap that is in force.' }),
    spent: amount.openapi({ description: 'As recorded. What ended in doubt counts at the most it can have cost.' }),
    unknown: amount.openapi({
      description: 'Part of what is spent: of attempts whose end nobody knows, at the most they can have come to.',
    }),
    held: amount.openapi({ description: 'Set aside for calls under way: the most that they can come to.' }),
    left: amount.openapi({ description: 'What can still be set aside: cap - spent - held, and never below 0.' }),
    over: amount.openapi({
      description:
        'By how much spent and held are more than the cap: it was lowered, or a provider charged more than its bound. Until there is room again, nothing is granted.',
    }),
  })
  .openapi('BudgetAccount')

export const budgetWindow = z.object({
  id: z.string().openapi({ example: '2026-11' }),
  startsAt: moment.nullable().openapi({ description: '`null`: it always was.' }),
  endsAt: moment.nullable().openapi({ description: 'From then on it begins anew. `null`: it never ends.' }),
})

export const budgetBody = z
  .object({
    id: budgetId,
    name: z.string(),
    level: z.string().openapi({ example: 'team acme/search' }),
    unit: z.enum(budgetUnits),
    per: z.enum(budgetPeriods),
    timezone: z.string().openapi({ description: 'Where its days begin.', example: 'Europe/Berlin' }),
    by: z.string().nullable().openapi({ description: 'One account for each value of this.' }),
    missing: z.enum(['refuse', 'share']).nullable().openapi({ description: 'What becomes of calls without a value.' }),
    models: z.array(z.string()).nullable().openapi({ description: 'Only calls at these count; `null`: all.' }),
    cap: amount.openapi({ description: 'Of every account that has no top-up or raise of its own. 0: suspended.' }),
    configuredCap: amount.openapi({ description: 'As config or API set the budget up, before any change of the cap.' }),
    orderedCap: amount.nullable().openapi({
      description: 'In the place of the configured one, until somebody goes back to that. `null`: nobody set another.',
    }),
    unpriced: z.string().nullable().openapi({
      description: 'What a call without a price counts for: `refuse`, or dollars. `null`: not a budget in dollars.',
    }),
    maxPerCall: amount.nullable(),
    maxOpenPerKey: z.int().nullable(),
    alertsAt: z.array(z.number()).openapi({ description: 'Per cent of the cap at which somebody is told.' }),
    managedBy,
    window: budgetWindow,
    spent: amount.openapi({ description: 'Over all accounts.' }),
    unknown: amount.openapi({ description: 'Over all accounts.' }),
    held: amount.openapi({ description: 'Over all accounts.' }),
    accountCount: z.int().openapi({ description: 'Accounts of this window that anything was drawn on.' }),
    accounts: z.array(budgetAccount).openapi({ description: 'Those with the most spent and held, the fullest first.' }),
  })
  .openapi('Budget')

export const budgetPage = pageOf(budgetBody).openapi('BudgetPage')
export const budgetListQuery = z.strictObject({
  ...pageQuery,
  budget: budgetId.optional().openapi({ description: 'Only this one.' }),
  level: z.string().min(1).max(512).optional().openapi({
    description: 'Only of this level.',
    example: 'team acme/search',
  }),
  name: name.optional().openapi({ description: 'Only of this name.' }),
  organisation: name.optional().openapi({ description: 'Only of this organisation and everything below it.' }),
  team: name.optional(),
  project: name.optional(),
  user: name.optional(),
  agent: name.optional(),
  accounts: countInQuery(0, shownAccounts.most)
    .optional()
    .openapi({
      type: 'integer',
      minimum: 0,
      maximum: shownAccounts.most,
      description: `Most accounts of each. Default ${shownAccounts.default}.`,
    }),
})

export const budgetAccountPage = pageOf(budgetAccount).openapi('BudgetAccountPage')
/** Of accounts, now or of all windows. */
export const budgetAccountsQuery = z.strictObject({
  ...pageQuery,
  // Ids of accounts hold values, which may be long.
  after: z.string().min(1).max(8_192).optional().openapi({ description: 'The `nextAfter` of the page before.' }),
  budget: budgetId,
})

const reason = z.string().min(1).max(500).optional().openapi({ description: 'For whoever reads the history later.' })
const given = z.string().max(64).openapi({
  description: 'In the unit of the budget: dollars such as `50` or `0.25`, anything else as a whole number.',
  example: '50',
})
const value = z.string().min(1).max(4_096)

export const topUpOrder = z
  .strictObject({
    budget: budgetId,
    value: value.optional().openapi({ description: 'Whose account, for a budget with `by`.', example: 'acme/ada' }),
    amount: given,
    reason,
  })
  .openapi('BudgetTopUp')

export const raiseOrder = z
  .strictObject({
    budget: budgetId,
    value: value.optional().openapi({ description: 'Only this account of a budget with `by`. Absent: all of them.' }),
    amount: given,
    until: moment,
    reason,
  })
  .openapi('BudgetRaise')

export const capOrder = z
  .strictObject({
    budget: budgetId,
    cap: given
      .nullable()
      .openapi({ description: 'In the place of the configured cap. `null`: the configured one again.' }),
    reason,
  })
  .openapi('BudgetCap')

export const grantedBody = z
  .object({
    budget: budgetId,
    cap: amount.openapi({ description: 'Of every account without a top-up or raise of its own, from now on.' }),
    account: budgetAccount.nullable().openapi({
      description: 'The account that was changed, as it is now; `null`: a budget with several was changed as a whole.',
    }),
  })
  .openapi('BudgetGranted')

export const budgetChangesQuery = z.strictObject({
  ...pageQuery,
  after: z
    .string()
    .regex(/^\d{1,15}$/, 'must be the `nextAfter` of the answer before')
    .optional()
    .openapi({ description: 'The `nextAfter` of the page before.' }),
  budget: budgetId,
})

export const pastAccount = z
  .object({
    window: z.string().openapi({ example: '2026-10' }),
    value: z.string().nullable(),
    spent: amount.nullable().openapi({ description: '`null`: its budget counts time, which nobody adds up.' }),
    firstUsedAt: moment,
  })
  .openapi('BudgetPastAccount')
export const budgetHistoryPage = pageOf(pastAccount).openapi('BudgetHistoryPage')

export const budgetChange = z
  .object({
    at: moment,
    actor: z.string().openapi({ description: '`admin`, `system`, or `config` with a version.', example: 'admin' }),
    kind: z.enum(ledgerEntryKinds).openapi({
      description:
        '`rerate`: what is spent changed, since records were priced anew. `batch`: a batch came to less than was declared for it. `resolve`: somebody told what an attempt in doubt came to. The others change what may be; `configured`: the config file or the API set the budget up, set another cap, or took it away.',
    }),
    window: z.string().nullable().openapi({ description: 'Only in this one; `null`: in all.' }),
    value: z
      .string()
      .nullable()
      .openapi({ description: 'Only of this account; `null`: of all, or of the one there is.' }),
    amount: amount.nullable().openapi({
      description:
        'By how much, or the new cap. `null`: the configured cap again; with `configured`, there was no such budget any more.',
    }),
    until: moment.nullable().openapi({ description: 'Of a raise.' }),
    reason: z.string().nullable(),
    entries: z.int().openapi({ description: 'Entries of the ledger; of a re-rating one for each record.' }),
  })
  .openapi('BudgetChange')
export const budgetChangesPage = pageOf(budgetChange).openapi('BudgetChangesPage')

export type BudgetChangeBody = z.infer<typeof budgetChange>
export type PastAccountBody = z.infer<typeof pastAccount>
export type GrantedBody = z.infer<typeof grantedBody>
export type BudgetPage = z.infer<typeof budgetPage>
export type BudgetBody = z.infer<typeof budgetBody>
export type BudgetAccountBody = z.infer<typeof budgetAccount>
