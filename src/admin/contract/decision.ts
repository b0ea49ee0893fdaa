import { z } from '@hono/zod-openapi'
import { amount, budgetId } from './budget.ts'
import { usd } from './field.ts'

const decidedTarget = z.object({ target: z.string(), reason: z.string() })

const byPhase = z.object({ input: z.number(), output: z.number() })

const guardrails = z.object({
  decisions: z
    .array(
      z.object({
        rule: z.string(),
        level: z.string().optional().openapi({ description: "Whose rule it is. Absent: the gateway's." }),
        phase: z.string(),
        place: z.string(),
        path: z.string().openapi({ description: 'Where in the body; in a stream, the choice and the block.' }),
        kind: z.string(),
        action: z.string(),
        isShadow: z.boolean().openapi({ description: 'It only says what it would have done.' }),
        count: z.int(),
        start: z.int().optional().openapi({ description: 'Where the first of them begins in its text.' }),
        score: z.number().optional(),
      }),
    )
    .openapi({ description: 'What was seen, in order. Never the text itself.' }),
  more: z.int().optional().openapi({ description: 'How many were left out.' }),
  scanned: byPhase.openapi({ description: 'How much text was looked at, in UTF-16 units.' }),
  tookMs: byPhase.partial().optional().openapi({ description: 'How long the rules took that are judged here.' }),
})

export const decisionBody = z
  .object({
    problem: z
      .object({
        message: z.string(),
        param: z.string().nullable().openapi({ description: 'The field of the call at fault.' }),
        facts: z.record(z.string(), z.string().nullable()).openapi({ description: 'Amounts, names and moments.' }),
      })
      .nullable()
      .openapi({ description: 'What the client was told, where the gateway itself refused the call.' }),
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
    budgets: z
      .array(
        z.object({
          budget: budgetId,
          window: z.string().openapi({ example: '2026-11' }),
          value: z.string().nullable(),
          held: amount.openapi({ description: 'What was set aside: the most that the attempt could come to.' }),
          cap: amount,
          before: amount.openapi({ description: 'What was spent and held by others then.' }),
        }),
      )
      .openapi({ description: 'The budgets that the last attempt drew on, as they were when it was granted.' }),
    guardrails: guardrails.nullable().openapi({ description: '`null`: no guardrail looked at it.' }),
    monitored: guardrails.nullable().openapi({
      description: 'What guardrails saw that look when the answer has gone. `null`: nothing, or not yet.',
    }),
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
