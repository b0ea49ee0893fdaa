import { z } from '@hono/zod-openapi'

export const modelBody = z
  .object({
    name: z.string().openapi({ description: 'The alias or pattern that clients ask for.', example: 'smart' }),
    strategy: z.string(),
    targets: z.array(
      z.object({
        provider: z.string(),
        model: z.string(),
        weight: z.number(),
        tags: z.array(z.string()),
        priceVersion: z
          .string()
          .nullable()
          .openapi({ description: 'The price in force. `null`: unpriced, so its cost is unknown, not zero.' }),
      }),
    ),
  })
  .openapi('Model')

/** As long as the config file makes it, which is read up to a fixed size. */
export const modelList = z.object({ items: z.array(modelBody) }).openapi('ModelList')
export type ModelList = z.infer<typeof modelList>
