import { z } from 'zod'
import { checkMissing, countedSettings } from './account-key-settings.ts'
import { ownerName } from './name.ts'

/** Larger amounts are no limit, and sums of them would leave the whole numbers of a double. */
const mostAmount = 1e12
/** Longer than this, a client has long given up. */
const longestWaitMs = 600_000
const longestLine = 10_000

const amount = (what: string) => z.int().min(0).max(mostAmount).describe(`${what} 0 suspends.`).optional()

const amounts = {
  requests: amount('Calls that may begin in one window.'),
  tokens: amount(
    'Input and output tokens of the calls of one window: estimated when a call begins, corrected at its end.',
  ),
  inputTokens: amount('The same for input tokens alone.'),
  outputTokens: amount('The same for output tokens alone.'),
  concurrent: amount('Calls under way at once.'),
}

const limit = z
  .strictObject({
    ...amounts,
    per: z
      .enum(['second', 'minute', 'hour', 'day'])
      .describe('The length of the window, which slides. Not for `concurrent`.')
      .optional(),
    ...countedSettings,
    queue: z
      .strictObject({
        waitMs: z.int().min(1).max(longestWaitMs).describe('The longest wait of one call.'),
        maxWaiting: z
          .int()
          .min(1)
          .max(longestLine)
          .describe('Calls in line for one account; more are refused at once. Default 100.')
          .default(100),
      })
      .describe('Where there is no room, calls wait in line instead of being refused.')
      .optional(),
  })
  .superRefine((settings, report) => {
    const wrong = (key: string, message: string) => report.addIssue({ code: 'custom', path: [key], message })
    const counted = Object.keys(amounts).filter((unit) => unit in settings)
    const [first = 'requests', second] = counted
    const { per } = settings
    if (counted.length === 0)
      wrong('requests', `missing; say what is limited: one of ${Object.keys(amounts).join(', ')}`)
    if (second !== undefined) wrong(second, `a limit counts one thing: make ${first} and ${second} two limits`)
    if (first === 'concurrent' && per !== undefined)
      wrong('per', '`concurrent` counts what is under way at once, and has no window')
    if (first !== 'concurrent' && per === undefined)
      wrong('per', `missing; ${first} need a window: second, minute, hour or day`)
    checkMissing(settings, wrong)
  })

/** The named limits of one level. */
export const limitsSettings = z
  .record(ownerName, limit)
  .refine((limits) => Object.keys(limits).length <= 32, 'a level has at most 32 limits')
  .describe('What may pass. Named: a changed amount keeps the counts. Every level above a call must let it pass.')

export type LimitSettings = z.infer<typeof limit>

/** By name, as the config and the admin API have them: `rulesOf` compiles them. */
export type LimitsSettings = z.infer<typeof limitsSettings>
