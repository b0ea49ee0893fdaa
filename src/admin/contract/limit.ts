import { z } from '@hono/zod-openapi'
import { moment } from './field.ts'
import { pageOf, pageQuery } from './page.ts'

/** Accounts of one limit that one answer shows. */
export const shownAccounts = 20

const limitAccount = z.object({
  value: z.string().nullable().openapi({
    description:
      'Whose account it is, for a limit with `by`; `null`: of all calls, or of those without a value. `(others)`: values beyond the 10,000 that have one of their own.',
  }),
  used: z.number().openapi({ description: 'In the window that ends now; for `concurrent`, under way now.' }),
  remaining: z.number(),
  resetsAt: moment
    .nullable()
    .openapi({ description: 'When nothing is used any more, if no call comes. `null`: now, or for `concurrent`.' }),
  waiting: z.int().openapi({ description: 'Calls in line.' }),
})

export const limitBody = z
  .object({
    id: z
      .string()
      .openapi({ description: 'What its counts are kept under.', example: 'team acme/search/burst requests/minute' }),
    name: z.string(),
    level: z.string().openapi({ example: 'team acme/search' }),
    unit: z.enum(['requests', 'tokens', 'inputTokens', 'outputTokens', 'concurrent']),
    per: z.enum(['second', 'minute', 'hour', 'day']).nullable(),
    most: z.number().openapi({ description: 'What may pass; 0: suspended.' }),
    by: z.string().nullable(),
    models: z.array(z.string()).nullable(),
    accountCount: z.int().openapi({ description: 'Accounts that hold something.' }),
    accounts: z.array(limitAccount).openapi({ description: `Those that hold most, at most ${shownAccounts}.` }),
  })
  .openapi('Limit')

export const limitPage = pageOf(limitBody).openapi('LimitPage')
export const limitListQuery = z.strictObject({
  ...pageQuery,
  level: z
    .string()
    .min(1)
    .max(512)
    .optional()
    .openapi({ description: 'Only of this level.', example: 'team acme/search' }),
})

export type LimitBody = z.infer<typeof limitBody>
