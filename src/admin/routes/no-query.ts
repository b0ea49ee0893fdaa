import { z } from '@hono/zod-openapi'

/** For routes without parameters: a misspelt one elsewhere is refused, so here it is too. */
export const noQuery = z.strictObject({})
