import { z } from '@hono/zod-openapi'
import { modelPatterns, recordPlace, usd } from './field.ts'
import { trialFile } from './price.ts'
import { momentParam, when } from './usage-filter.ts'

export const rerateOrder = z
  .strictObject({
    from: when.openapi({ ...momentParam, description: 'Attempts that began from this moment on.' }),
    until: when.openapi({ ...momentParam, description: 'Attempts that began before this moment.' }),
    models: modelPatterns
      .optional()
      .openapi({ description: 'Only these, by name or pattern, as provider or config call them. Absent: all.' }),
    isDryRun: z.boolean().optional().openapi({ description: 'Tell what would be; write nothing.' }),
    prices: trialFile.optional(),
    after: recordPlace.optional().openapi({ description: 'The `nextAfter` of the answer before.' }),
  })
  .openapi('RerateOrder')

export const reratedBody = z
  .object({
    isDryRun: z.boolean(),
    examined: z.int(),
    adjusted: z.int().openapi({ description: 'Records whose cost differs now.' }),
    unpriced: z.int().openapi({ description: 'The book has no price for these; what they cost so far stays.' }),
    toldByProvider: z
      .int()
      .openapi({ description: 'The provider said what they cost, or somebody resolved a doubt; that stays.' }),
    differenceUsd: usd,
    models: z.array(
      z.object({ provider: z.string(), model: z.string(), records: z.int(), beforeUsd: usd, afterUsd: usd }),
    ),
    nextAfter: z.string().nullable().openapi({
      description: 'Not all of the time was gone through: send the same order with this as `after`. `null`: it was.',
    }),
  })
  .openapi('Rerated')

export type RerateOrderBody = z.input<typeof rerateOrder>
export type ReratedBody = z.infer<typeof reratedBody>
