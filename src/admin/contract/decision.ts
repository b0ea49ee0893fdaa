import { z } from '@hono/zod-openapi'
import { usd } from './field.ts'

const decidedTarget = z.object({ target: z.string(), reason: z.string() })

export const decisionBody = z
  .object({
    strategy: z.string().nullable(),
    candidates: z.array(decidedTarget).openapi({ description: 'Targets in the order to try, each with its reason.' }),
    passedOver: z
      .array(decidedTarget)
      .openapi({ description: 'Targets that could not or may not serve the call, and why.' }),
    limits: z
      .array(
        z.object({
          limit: z.string(),
          level: z.string(),
          account: z.string().optional(),
          unit: z.string(),
          per: z.string().optional(),
          max: z.number(),
          before: z.number(),
          after: z.number(),
          isRefusal: z.boolean().optional().openapi({ description: 'The one that refused the call.' }),
        }),
      )
      .openapi({ description: 'The limits the call was counted against, before and after it.' }),
    attempts: z.array(
      z.object({
        attempt: z.int(),
        target: z.string(),
        credential: z.string(),
        reason: z.string(),
        startedMs: z.number().openapi({ description: 'Since the first attempt began.' }),
        firstByteMs: z.number().nullable(),
        durationMs: z.number(),
        outcome: z.string().openapi({ description: '`ok`, or how it failed, with its kind and class.' }),
        verdict: z.string().nullable().openapi({ description: 'What followed from it, and why.' }),
      }),
    ),
    cost: z
      .object({
        attempt: z.int(),
        priceVersion: z.string(),
        lines: z
          .array(z.object({ component: z.string(), count: z.number(), usdPerMillion: z.string(), nanos: z.string() }))
          .openapi({ description: 'Count times rate is nano-dollars. Empty where the provider itself told the cost.' }),
        totalUsd: usd,
      })
      .nullable()
      .openapi({ description: 'How the cost of the last attempt comes about: the sum of its lines, rounded up.' }),
  })
  .openapi('Decision')

export type DecisionBody = z.infer<typeof decisionBody>
