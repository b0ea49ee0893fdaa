import { z } from 'zod'
import { budgetsSettings } from '../config/budget-settings.ts'
import { limitsSettings } from '../config/limit-settings.ts'
import { tagList } from '../config/tags.ts'

/** The `models:` map and the `deadlines:` of the config. */
export const deadlineSettings = z.strictObject({
  firstByteMs: z
    .int()
    .min(1)
    .describe('Streams: from dispatch to the first event with content. Default 60,000.')
    .optional(),
  firstByteUnaryMs: z
    .int()
    .min(1)
    .describe('Calls without a stream, whose first byte comes when the whole answer is made. Default 300,000.')
    .optional(),
  idleMs: z
    .int()
    .min(1)
    .describe('The longest silence between two reads of a begun answer. Default 60,000.')
    .optional(),
  totalMs: z.int().min(1).describe('The whole exchange, all attempts together. Default 900,000.').optional(),
})

/**
 * How long a provider may take, for its first byte (of a stream, or of an answer that comes whole), between two reads, and for
 * all attempts of an exchange together.
 */
export interface Deadlines {
  readonly firstByteMs: number
  readonly firstByteUnaryMs: number
  readonly idleMs: number
  readonly totalMs: number
}

export const defaultDeadlines: Deadlines = {
  firstByteMs: 60_000,
  firstByteUnaryMs: 300_000,
  idleMs: 60_000,
  totalMs: 900_000,
}

/** Lays settings over a base: what is not set keeps the base's value. */
export function deadlinesOver(base: Deadlines, settings: z.infer<typeof deadlineSettings>): Deadlines {
  return {
    firstByteMs: settings.firstByteMs ?? base.firstByteMs,
    firstByteUnaryMs: settings.firstByteUnaryMs ?? base.firstByteUnaryMs,
    idleMs: settings.idleMs ?? base.idleMs,
    totalMs: settings.totalMs ?? base.totalMs,
  }
}

const ability = (what: string) => z.boolean().describe(`Whether the model ${what}. Default: it is taken to.`).optional()

const abilities = z
  .strictObject({
    tools: ability('calls tools'),
    images: ability('sees images'),
    documents: ability('reads documents'),
    audio: ability('hears audio'),
    structuredOutput: ability('keeps to a JSON schema'),
    reasoning: ability('takes settings for reasoning'),
    logprobs: ability('tells log probabilities'),
    contextTokens: z
      .int()
      .min(1)
      .describe('The most it can read and write together. Default: the built-in list.')
      .optional(),
    outputTokens: z.int().min(1).describe('The most it can write in one answer.').optional(),
    imageTokens: z
      .int()
      .min(1)
      .describe('The most that its provider counts for one picture: what budgets set aside. Default 5,000.')
      .optional(),
  })
  .describe('What the model can do: a call that needs more is not sent to it.')

export type AbilitySettings = z.infer<typeof abilities>

const condition = z.string().min(1).max(4_096)

const target = z.strictObject({
  provider: z.string().describe('The name of an entry of `providers`.'),
  model: z.string().min(1).describe("The provider's own model name; `*` stands for what the client's name had there."),
  weight: z
    .number()
    .positive()
    .max(1_000_000)
    .describe('Share under `weighted`, `least-busy` and `sticky`. Default 1.')
    .optional(),
  when: condition.describe('A CEL expression: the target serves only calls for which it is true.').optional(),
  tags: tagList.describe("What is promised of this target, besides its provider's own `tags`.").optional(),
  abilities: abilities.optional(),
  defaultOutputCap: z
    .int()
    .min(1)
    .describe(
      'The output cap, in tokens, that is sent for calls that set none and have a budget in dollars or tokens above them. Default: the most the model writes, at most 32,000; 4,096 where that is not known.',
    )
    .optional(),
})

const sticky = z
  .strictObject({
    by: z
      .enum(['session', 'user', 'prefix'])
      .describe(
        '`session`: by `x-weir-run-id`, or what `header` and `metadata` name. `user`: by user and end user. `prefix`: by the stable head of the call (tools, system, first turns), where prompt caches live.',
      ),
    header: z
      .string()
      .regex(/^[a-z0-9-]{1,64}$/, 'must be the name of a header in lower case')
      .describe('With `session`: a header that names the session, before `x-weir-run-id`.')
      .optional(),
    metadata: z
      .string()
      .min(1)
      .max(64)
      .describe('With `session`: a name in `x-weir-metadata` that names the session, before any header.')
      .optional(),
  })
  .describe('Calls that belong together go to the same target, while it is well.')

const percentile = z.number().gt(0).lt(100)

const hedge = z
  .strictObject({
    afterMs: z
      .int()
      .min(1)
      .max(600_000)
      .describe('A second attempt at another target when no content came within this time.')
      .optional(),
    afterPercentile: percentile
      .describe("The same, after this percentile of the target's recent times to the first content, such as 95.")
      .optional(),
    maxExtra: z.int().min(1).max(3).describe('How many attempts may be added. Default 1.').optional(),
  })
  .refine(({ afterMs, afterPercentile }) => (afterMs === undefined) !== (afterPercentile === undefined), {
    message: 'give either afterMs or afterPercentile',
  })
  .describe('The first content wins; the other attempts are broken off, and their cost is recorded.')

export const modelSettings = z.strictObject({
  strategy: z
    .enum(['priority', 'weighted', 'cheapest', 'fastest', 'least-busy'])
    .describe(
      '`priority`: targets in order. `weighted`: by lot. `cheapest`: by the price of the call. `fastest`: by recent time to the first content. `least-busy`: by running attempts.',
    )
    .default('priority'),
  targets: z.array(target).min(1).max(32),
  when: condition.describe('A CEL expression: the targets serve only calls for which it is true.').optional(),
  require: tagList.describe('Tags that a target must have to serve this model.').optional(),
  sticky: sticky.optional(),
  hedge: hedge.optional(),
  failover: z
    .strictObject({
      onContextLength: z
        .boolean()
        .describe('Whether another target is tried when the input is longer than the model can read. Default false.')
        .optional(),
      onContentPolicy: z
        .boolean()
        .describe('Whether another target is tried when a provider refuses the content. Default false.')
        .optional(),
    })
    .optional(),
  deadlines: deadlineSettings.optional(),
  limits: limitsSettings.optional(),
  budgets: budgetsSettings.optional(),
  retry: z
    .strictObject({
      maxAttempts: z.int().min(1).max(10).describe('Attempts in all, over all targets. Default 4.').optional(),
      afterReset: z
        .boolean()
        .describe(
          'Whether another target is tried when the connection broke after the call was sent and before any answer: the provider may bill both. Default false.',
        )
        .optional(),
      afterTimeout: z
        .boolean()
        .describe('Whether another target is tried when no first byte came in time. Default true.')
        .optional(),
      maxWaitMs: z
        .int()
        .min(0)
        .max(60_000)
        .describe(
          'The longest wait before the same target is tried again, when it says when and no other target is left. Default 2,000.',
        )
        .optional(),
    })
    .optional(),
})

export type ModelSettings = z.infer<typeof modelSettings>
