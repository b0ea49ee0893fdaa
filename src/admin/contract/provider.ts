import { z } from '@hono/zod-openapi'
import { moment } from './field.ts'

export const providerBody = z
  .object({
    name: z.string(),
    kind: z.string(),
    origin: z.string(),
    dialects: z.array(z.string()),
    network: z
      .object({
        isPrivate: z.boolean().openapi({ description: 'Its name may lead to private addresses.' }),
        proxy: z.string().nullable().openapi({ description: 'The proxy on the way to it.' }),
        trusts: z.enum(['system', 'own', 'own and system']).openapi({
          description: 'Whose certificates it may show: those of authorities that Node knows, or of your own.',
        }),
        hasClientCertificate: z.boolean().openapi({ description: 'It is shown a certificate of yours.' }),
        servername: z
          .string()
          .nullable()
          .openapi({ description: "The name its certificate must have, where it is not the origin's." }),
        minTlsVersion: z.enum(['TLSv1.2', 'TLSv1.3']),
      })
      .openapi({ description: 'How it is connected to.' }),
    health: z
      .object({
        successes: z.int(),
        failures: z.int(),
        consecutiveFailures: z.int(),
        lastSuccessAt: moment.nullable(),
        lastFailure: z.object({ at: moment, kind: z.string() }).nullable(),
      })
      .openapi({ description: 'What the gateway has seen since it started.' }),
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
