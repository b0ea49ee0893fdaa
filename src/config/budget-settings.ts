import { z } from 'zod'
import { budgetPeriods, type BudgetUnit } from '../canonical/budget.ts'
import { readUsd } from '../canonical/money.ts'
import { checkMissing, countedSettings } from './account-key-settings.ts'
import { ownerName } from './name.ts'

/** In nano-dollars this is still a whole number of 64 bits, with room for sums. */
const mostUsd = 1_000_000_000
const mostCount = 1e15

const usd = z
  .union([z.string(), z.number()])
  .transform((text, report) => {
    const nanos = readUsd(String(text))
    if (nanos !== undefined && nanos >= 0n && nanos <= mostAmountOf('usd')) return String(text)
    report.addIssue({ code: 'custom', message: `must be dollars such as "500" or "0.25", at most ${mostUsd}` })
    return z.NEVER
  })
  .describe('US dollars, with up to nine decimals.')

/** The largest amount that a budget can be made or changed by, in its unit; dollars in nano-dollars. */
export function mostAmountOf(unit: BudgetUnit): bigint {
  return unit === 'usd' ? BigInt(mostUsd) * 1_000_000_000n : BigInt(mostCount)
}

export const timezoneText = z.string().refine(isTimezone, 'is no time zone; write an IANA name such as Europe/Berlin')

const amounts = {
  usd: usd.describe('What the calls of one period may cost together, in US dollars. 0 suspends.').optional(),
  tokens: z.int().min(0).max(mostCount).describe('Their input and output tokens together. 0 suspends.').optional(),
  calls: z.int().min(0).max(mostCount).describe('How many calls may be made. 0 suspends.').optional(),
  seconds: z
    .int()
    .min(0)
    .max(mostCount)
    .describe('How long after its first call an account may begin more: a bound on the wall time of runs. 0 suspends.')
    .optional(),
}

const budget = z
  .strictObject({
    ...amounts,
    per: z
      .enum(budgetPeriods)
      .describe('How long it lasts, by the calendar of its time zone. `total`: for ever. Default total.')
      .default('total'),
    timezone: timezoneText
      .describe("Where its days begin. Default: the organisation's `timezone`, or else UTC.")
      .optional(),
    ...countedSettings,
    unpriced: z
      .union([z.literal('refuse'), z.strictObject({ ceiling: usd })])
      .describe('What a call at a model without a price counts as: nothing is free. Default refuse.')
      .optional(),
    maxPerCall: usd
      .or(z.int().min(1))
      .describe('The most one attempt may set aside, in dollars or tokens. Absent: all that is left.')
      .optional(),
    maxOpenPerKey: z
      .int()
      .min(1)
      .max(100_000)
      .describe('How many attempts of one key may hold something at once. Absent: any number.')
      .optional(),
    alertsAt: z
      .array(z.number().gt(0).max(1_000))
      .max(10)
      .describe('Per cent of the cap at which the `alerts` of the config are told. Default none.')
      .optional(),
  })
  .superRefine((settings, report) => {
    const wrong = (key: string, message: string) => report.addIssue({ code: 'custom', path: [key], message })
    const [first, second] = Object.keys(amounts).filter((unit) => unit in settings)
    if (first === undefined) wrong('usd', `missing; say what is bounded: one of ${Object.keys(amounts).join(', ')}`)
    if (second !== undefined) wrong(second, `a budget counts one thing: make ${first} and ${second} two budgets`)
    const { maxPerCall, per, timezone } = settings
    if (maxPerCall !== undefined && first !== 'usd' && first !== 'tokens')
      wrong('maxPerCall', `has no effect on a budget in ${first}`)
    if (maxPerCall !== undefined && first === 'tokens' && !/^[1-9]\d*$/.test(String(maxPerCall)))
      wrong('maxPerCall', 'must be a whole number of tokens')
    if (timezone !== undefined && (per === 'total' || per === 'hour'))
      wrong('timezone', `has no effect: ${per === 'total' ? 'it never begins anew' : 'hours are the same everywhere'}`)
    if (settings.unpriced !== undefined && first !== 'usd') wrong('unpriced', 'has an effect on budgets in usd only')
    checkMissing(settings, wrong)
  })

/** The named budgets of one level. */
export const budgetsSettings = z
  .record(ownerName, budget)
  .refine((budgets) => Object.keys(budgets).length <= 32, 'a level has at most 32 budgets')
  .describe('What may be spent. Named: a changed cap keeps the books. Every level above a call must have room.')

export type BudgetSettings = z.infer<typeof budget>

/** By name, as the config and the admin API have them: `budgetRulesOf` compiles them. */
export type BudgetsSettings = z.infer<typeof budgetsSettings>

function isTimezone(name: string): boolean {
  // An offset such as +01:00 is none: it knows no summer time.
  if (/^[+-]/.test(name)) return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
