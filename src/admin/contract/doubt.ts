import { z } from '@hono/zod-openapi'
import { amount, budgetId } from './budget.ts'
import { moment, recordPlace, usd } from './field.ts'
import { pageOf, pageQuery } from './page.ts'
import { momentParam, when } from './usage-filter.ts'

export const doubtListQuery = z.strictObject({
  limit: pageQuery.limit,
  after: recordPlace.optional().openapi({ description: 'The `nextAfter` of the page before.' }),
  from: when.optional().openapi({ ...momentParam, description: 'Attempts that began from this moment on.' }),
  to: when.optional().openapi({ ...momentParam, description: 'Attempts that began before this moment.' }),
})

export const doubtBody = z
  .object({
    requestId: z.string(),
    attempt: z.int(),
    startedAt: moment,
    organisation: z.string(),
    team: z.string().nullable(),
    keyId: z.string(),
    provider: z.string().nullable(),
    model: z.string().nullable().openapi({ description: 'As the provider calls it.' }),
    status: z.string().openapi({ description: '`unknown`: the gateway died meanwhile.', example: 'unknown' }),
    costUsd: usd.nullable().openapi({
      description: 'What it is counted at: the most it can have cost, with re-ratings. `null`: it has no price.',
    }),
  })
  .openapi('Doubt')

export const doubtPage = pageOf(doubtBody).openapi('DoubtPage')

export const resolveOrder = z
  .strictObject({
    requestId: z.string().min(1).max(128),
    attempt: z.int().min(1).max(999_999),
    costUsd: z.string().max(64).openapi({ description: 'What it really cost, in dollars.', example: '0.0125' }),
    tokens: z.string().max(64).optional().openapi({
      description: 'What it really used, for budgets in tokens. Absent: these keep the most it can have used.',
      example: '1830',
    }),
    reason: z
      .string()
      .min(1)
      .max(500)
      .optional()
      .openapi({ description: 'How it is known, for whoever reads the entry later.' }),
  })
  .openapi('DoubtResolve')

export const resolvedBody = z
  .object({
    requestId: z.string(),
    attempt: z.int(),
    beforeUsd: usd.nullable().openapi({ description: 'What it was counted at until now. `null`: it had no price.' }),
    costUsd: usd,
    differenceUsd: usd.openapi({ description: 'What was added to its cost.' }),
    accounts: z
      .array(
        z.object({
          budget: budgetId,
          window: z.string().openapi({ description: 'The one in which the attempt began.', example: '2026-11' }),
          value: z.string().nullable(),
          before: amount,
          after: amount,
        }),
      )
      .openapi({ description: 'What it comes to in each account of a budget that it drew on.' }),
  })
  .openapi('DoubtResolved')

export type DoubtBody = z.infer<typeof doubtBody>
export type ResolvedBody = z.infer<typeof resolvedBody>
