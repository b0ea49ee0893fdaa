import { z } from '@hono/zod-openapi'
import { isLabelName, labelOf } from '../../canonical/metadata.ts'
import { usageGroups } from '../../stores/ports/usage-records.ts'
import { moment, usd } from './field.ts'
import { isUsageGroup, labelNameRule, tooManyLabels, usageLimits, usageQueryWith } from './usage-filter.ts'

const groupList = `${usageGroups.join(', ')}, metadata.<name>`

/** Names with commas between them; a comma in the name of a label, or a backslash, has a backslash in front. */
const listed = /(?:\\[,\\]|[^,\\])+/g

const by = z
  .string()
  .max(1_024)
  .transform((text, checks) => {
    const refuse = (message: string) => {
      checks.addIssue({ code: 'custom', message })
      return z.NEVER
    }
    const pieces = text.match(listed) ?? []
    const names = pieces.map((piece) => piece.replaceAll(/\\(.)/g, '$1'))
    const labels = names.flatMap((name) => labelOf(name) ?? [])
    const groups = names.filter(isUsageGroup)
    const isWhole = text !== '' && pieces.join(',') === text
    if (labels.some((label) => !isLabelName(label))) return refuse(labelNameRule)
    if (labels.length > usageLimits.labels) return refuse(tooManyLabels)
    if (isWhole && groups.length === names.length && new Set(names).size === names.length) return groups
    return refuse(`must be different names out of ${groupList}, with commas between them`)
  })

export const usageQuery = usageQueryWith({
  by: by.optional().openapi({
    type: 'string',
    example: 'team,metadata.ticket',
    description:
      `Comma-separated: ${groupList}, the last a label of \`x-weir-metadata\`; write a comma in its name as \`\\\\,\`. ` +
      'Absent: one row for everything.',
  }),
})

const group = z.string().openapi({ description: groupList })

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
      .record(z.string(), z.string().nullable())
      .openapi({ description: 'The value of each asked group; `null` where records have none. Days are UTC.' }),
    ...sums,
  })
  .openapi('UsageRow')

export const usageBody = z
  .object({
    from: moment,
    to: moment,
    by: z.array(group),
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
