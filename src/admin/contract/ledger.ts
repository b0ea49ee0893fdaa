import { z } from '@hono/zod-openapi'
import { amount, budgetId } from './budget.ts'

/** Differing accounts that one answer names. */
export const shownDifferences = 1_000

export const rebuildOrder = z
  .strictObject({
    isDryRun: z.boolean().optional().openapi({ description: 'Tell what differs; repair nothing.' }),
  })
  .openapi('LedgerRebuild')

export const rebuiltBody = z
  .object({
    isDryRun: z.boolean(),
    accounts: z.int().openapi({ description: 'Accounts that are kept.' }),
    differing: z.int().openapi({ description: 'Of which something else was kept than records and entries come to.' }),
    differences: z
      .array(
        z.object({
          budget: budgetId,
          window: z.string(),
          value: z.string().nullable(),
          kept: amount,
          spent: amount.openapi({ description: 'What records and entries come to.' }),
          keptUnknown: amount.openapi({ description: 'What was kept of it as in doubt.' }),
          unknown: amount.openapi({ description: 'What of records and entries is in doubt.' }),
        }),
      )
      .openapi({ description: `At most ${shownDifferences}.` }),
    unexplained: z.string().openapi({
      description: 'By how much the accounts in memory differ from what is kept, in their units: always 0.',
    }),
  })
  .openapi('LedgerRebuilt')

export type RebuiltBody = z.infer<typeof rebuiltBody>
