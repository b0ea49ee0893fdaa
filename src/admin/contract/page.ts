import { z } from '@hono/zod-openapi'
import { countInQuery } from './field.ts'

export const pageLimits = { default: 100, most: 1_000 } as const

/** Query of every list that grows with use. */
export const pageQuery = {
  limit: countInQuery(1, pageLimits.most)
    .optional()
    .openapi({
      type: 'integer',
      minimum: 1,
      maximum: pageLimits.most,
      description: `Most items in one answer. Default ${pageLimits.default}.`,
    }),
  after: z.string().min(1).max(512).optional().openapi({ description: 'The `nextAfter` of the page before.' }),
}

export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item),
    nextAfter: z
      .string()
      .nullable()
      .openapi({ description: 'Give it as `after` for the next page; `null` on the last one.' }),
  })
}
