import { z } from 'zod'
import { limitsSettings } from '../config/limit-settings.ts'

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
  })
  .describe('What the model can do: a call that needs more is not sent to it.')

export type AbilitySettings = z.infer<typeof abilities>

const target = z.strictObject({
  provider: z.string().describe('The name of an entry of `providers`.'),
  model: z.string().min(1).describe("The provider's own model name; `*` stands for what the client's name had there."),
  weight: z.number().positive().max(1_000_000).describe('Share under `weighted`. Default 1.').optional(),
  abilities: abilities.optional(),
})

export const modelSettings = z.strictObject({
  strategy: z
    .enum(['priority', 'weighted'])
    .describe('`priority`: targets in order. `weighted`: first by lot, the others in drawn order behind it.')
    .default('priority'),
  targets: z.array(target).min(1).max(32),
  deadlines: deadlineSettings.optional(),
  limits: limitsSettings.optional(),
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
    })
    .optional(),
})

export type ModelSettings = z.infer<typeof modelSettings>
export const modelsSettings = z.record(z.string().min(1).max(256), modelSettings)
