import { z, type RouteConfig } from '@hono/zod-openapi'
import { isLabelName, isLabelValue, labelOf, metadataLimits } from '../../canonical/metadata.ts'
import { momentText } from '../../config/moment.ts'
import { usageGroups, type UsageFilters, type UsageGroup } from '../../stores/ports/usage-records.ts'

/** Which usage records are asked for: what sums of them and lists of them take alike. */

export const usageLimits = { rows: 10_000, sinceDefault: '7d', labels: 5 } as const

/** A moment or a day, read. */
export const when = z
  .union([momentText, z.iso.date()], {
    error: 'must be a moment such as 2026-11-23T09:00:00Z or a day (UTC) such as 2026-11-23',
  })
  .transform((text) => Date.parse(text))

export const momentParam = { type: 'string', example: '2026-11-23T00:00:00Z' } as const

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
  endUser: filter.openapi({ description: 'As the client wrote it.' }),
  run: filter.openapi({ description: 'What the client sent as `x-weir-run-id`.' }),
}
export const usageFilterNames = Object.keys(filters)

/** A query has a parameter for each label, whatever they are called: a schema of names cannot tell them. */
export const labelParameter = {
  name: 'metadata',
  in: 'query',
  style: 'form',
  explode: true,
  description: `Labels of \`x-weir-metadata\`, each a parameter of its own as \`metadata.<name>\`; at most ${usageLimits.labels}.`,
  schema: {
    type: 'object',
    patternProperties: { '^metadata\\.': { type: 'string', maxLength: metadataLimits.valueChars } },
    additionalProperties: false,
  },
  example: { 'metadata.ticket': 'ABC-1' },
} as const satisfies NonNullable<RouteConfig['parameters']>[number]

/** The parameters that say which records. */
const asked = {
  from: when.optional().openapi({ ...momentParam, description: 'Records from this moment on.' }),
  to: when.optional().openapi({ ...momentParam, description: 'Records before this moment. Default: now.' }),
  since: since.optional().openapi({
    type: 'string',
    example: '24h',
    description: `Instead of \`from\`: so long before now. Default ${usageLimits.sinceDefault}.`,
  }),
  format: z.enum(['json', 'csv']).optional().openapi({ description: '`Accept: text/csv` means the same as `csv`.' }),
  ...filters,
}

/**
 * The query of a question about usage records.
 * @param own the parameters that this question has beside them.
 */
export function usageQueryWith<Own extends z.core.$ZodLooseShape>(own: Own) {
  const named = z.object({ ...own, ...asked })
  return named
    .catchall(z.unknown())
    .superRefine((query, checks) => {
      const others = Object.entries(query).filter(([name]) => !Object.hasOwn(named.shape, name))
      const unknown = others.map(([name]) => name).filter((name) => labelOf(name) === undefined)
      if (unknown.length > 0) checks.addIssue({ code: 'unrecognized_keys', keys: unknown, input: query, inst: named })
      const labels = others.filter(([name]) => labelOf(name) !== undefined)
      for (const [name, value] of labels) {
        const message = labelProblem(labelOf(name) ?? '', value)
        if (message !== undefined) checks.addIssue({ code: 'custom', path: [name], message })
      }
      if (labels.length > usageLimits.labels) checks.addIssue({ code: 'custom', message: tooManyLabels })
    })
    .refine(({ since, from, to }) => since === undefined || (from === undefined && to === undefined), {
      path: ['since'],
      message: 'give since, or from and to, not both',
    })
}

export const tooManyLabels = `at most ${usageLimits.labels} labels can be asked for at once`
export const labelNameRule = `the name of a label has 1 to ${metadataLimits.nameChars} characters, and no control characters`

function labelProblem(name: string, value: unknown): string | undefined {
  if (!isLabelName(name)) return labelNameRule
  if (typeof value === 'string' && isLabelValue(value)) return undefined
  return `must be given once, with at most ${metadataLimits.valueChars} characters and no control characters`
}

/** What a query that was judged asks for by its filters and labels. */
export function whereOf(query: Readonly<Record<string, unknown>>): UsageFilters {
  return Object.fromEntries(
    Object.entries(query).flatMap(([name, value]) =>
      typeof value === 'string' && (Object.hasOwn(filters, name) || labelOf(name) !== undefined) ? [[name, value]] : [],
    ),
  )
}

const plainGroups: ReadonlySet<string> = new Set(usageGroups)

/** Whether records can be grouped by it. */
export function isUsageGroup(text: string): text is UsageGroup {
  const label = labelOf(text)
  return label === undefined ? plainGroups.has(text) : isLabelName(label)
}
