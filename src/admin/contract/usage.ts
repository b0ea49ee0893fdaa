import { z } from '@hono/zod-openapi'
import { momentText } from '../../config/moment.ts'
import { usageGroups, type UsageGroup } from '../../stores/ports.ts'
import { moment, usd } from './field.ts'

export const usageLimits = { rows: 10_000, sinceDefault: '7d' } as const

const groupNames: ReadonlySet<string> = new Set(usageGroups)
const isGroup = (text: string): text is UsageGroup => groupNames.has(text)

const by = z
  .string()
  .max(200)
  .transform((text, checks) => {
    const names = text.split(',')
    const groups = names.filter(isGroup)
    if (groups.length === names.length && new Set(names).size === names.length) return groups
    checks.addIssue({
      code: 'custom',
      message: `must be different names out of ${usageGroups.join(', ')}, with commas between them`,
    })
    return z.NEVER
  })

/** A moment or a day, read. */
export const when = z
  .union([momentText, z.iso.date()], {
    error: 'must be a moment such as 2026-11-23T09:00:00Z or a day (UTC) such as 2026-11-23',
  })
  .transform((text) => Date.parse(text))

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 } as const
const isUnit = (text: string): text is keyof typeof unitMs => Object.hasOwn(unitMs, text)

const since = z
  .string()
  .regex(/^[1-9]\d{0,4}[mhdw]$/, 'must be a number and a unit: 30m, 24h, 7d, 4w')
  .transform((text) => {
    const unit = text.slice(-1)
    return isUnit(unit) ? Number(text.slice(0, -1)) * unitMs[unit] : z.NEVER
  })

const filter = z.string().min(1).max(512).optional()

/** What records can be counted by alone. */
const filters = {
  organisation: filter,
  team: filter,
  project: filter,
  user: filter,
  agent: filter,
  key: filter.openapi({ description: 'The id of a key.' }),
  model: filter,
  provider: filter,
  status: filter,
  usageSource: filter.openapi({ description: '`worst_case`: attempts whose end nobody knows.' }),
}
export const usageFilterNames = Object.keys(filters)

export const momentParam = { type: 'string', example: '2026-11-23T00:00:00Z' } as const

export const usageQuery = z
  .strictObject({
    by: by.optional().openapi({
      type: 'string',
      example: 'team,model',
      description: `Comma-separated: ${usageGroups.join(', ')}. Absent: one row for everything.`,
    }),
    from: when.optional().openapi({ ...momentParam, description: 'Records from this moment on.' }),
    to: when.optional().openapi({ ...momentParam, description: 'Records before this moment. Default: now.' }),
    since: since.optional().openapi({
      type: 'string',
      example: '24h',
      description: `Instead of \`from\`: so long before now. Default ${usageLimits.sinceDefault}.`,
    }),
    format: z.enum(['json', 'csv']).optional().openapi({ description: '`Accept: text/csv` means the same as `csv`.' }),
    ...filters,
  })
  .refine((query) => query.since === undefined || (query.from === undefined && query.to === undefined), {
    path: ['since'],
    message: 'give since, or from and to, not both',
  })

/** The columns of a sum, behind its groups. */
const sums = {
  requests: z.int().openapi({ description: 'Exchanges, whatever their number of attempts.' }),
  attempts: z.int(),
  inputTokens: z.int(),
  outputTokens: z.int(),
  costUsd: usd.openapi({ description: 'What is priced, with every adjustment, in US dollars with nine places.' }),
  unpricedAttempts: z.int().openapi({
    description: 'Attempts that used tokens but have no price: when above 0, the cost is short of them.',
  }),
  adjustmentUsd: usd.openapi({ description: 'How much of `costUsd` was added or taken later, by re-rating.' }),
  // Behind the others: scripts read CSV by place.
  searches: z.int().openapi({ description: 'Searches through documents: reranking.' }),
  images: z.int().openapi({ description: 'Pictures that were made.' }),
  audioSeconds: z.int().openapi({ description: 'Of sound that was listened to.' }),
  characters: z.int().openapi({ description: 'Of text that was spoken.' }),
}

export const usageTotals = z.object(sums).openapi('UsageTotals')
export const usageRow = z
  .object({
    groups: z
      .partialRecord(z.enum(usageGroups), z.string().nullable())
      .openapi({ description: 'The value of each asked group; `null` where records have none. Days are UTC.' }),
    ...sums,
  })
  .openapi('UsageRow')

export const usageBody = z
  .object({
    from: moment,
    to: moment,
    by: z.array(z.enum(usageGroups)),
    rows: z.array(usageRow).openapi({ description: 'Biggest cost first.' }),
    totals: usageTotals.openapi({
      description: 'Over all rows; an exchange that shows in several rows is counted once in `requests`.',
    }),
  })
  .openapi('Usage')

export type UsageBody = z.infer<typeof usageBody>
export type UsageRowBody = z.infer<typeof usageRow>
export type UsageTotalsBody = z.infer<typeof usageTotals>
export const usageSumColumns = Object.keys(sums) as readonly (keyof UsageTotalsBody)[]
