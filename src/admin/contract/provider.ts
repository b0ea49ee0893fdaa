import { z } from '@hono/zod-openapi'
import { moment } from './field.ts'

export const providerBody = z
  .object({
    name: z.string(),
    kind: z.string(),
    origin: z.string(),
    dialects: z.array(z.string()),
    health: z
      .object({
        successes: z.int(),
        failures: z.int(),
        consecutiveFailures: z.int(),
        lastSuccessAt: moment.nullable(),
        lastFailure: z.object({ at: moment, kind: z.string() }).nullable(),
      })
      .openapi({ description: 'What this process has seen since it started.' }),
    tags: z.array(z.string()),
    targets: z
      .array(
        z.object({
          model: z.string(),
          state: z.enum(['closed', 'half-open', 'open', 'resting']).openapi({
            description:
              '`closed`: well. `open`: failed too often. `half-open`: one probe is due. `resting`: as the provider asked.',
          }),
          dueInMs: z.number(),
          running: z.int(),
          firstContentMs: z.number().nullable(),
        }),
      )
      .openapi({ description: 'The models that the config names at this provider, and others that are not well.' }),
    credentials: z.array(
      z.object({
        id: z.string(),
        weight: z.number(),
        isResting: z
          .boolean()
          .openapi({ description: 'The provider refused this credential, so it is left out for a while.' }),
      }),
    ),
  })
  .openapi('Provider')

/** As long as the config file makes it, which is read up to a fixed size. */
export const providerList = z.object({ items: z.array(providerBody) }).openapi('ProviderList')
export type ProviderList = z.infer<typeof providerList>
