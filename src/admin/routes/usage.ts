import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { writeUsd } from '../../canonical/money.ts'
import type { UsageGroup, UsageQuestion, UsageSum } from '../../stores/ports/usage-records.ts'
import { labelParameter, usageLimits, whereOf } from '../contract/usage-filter.ts'
import { usageBody, usageQuery, usageSumColumns, type UsageRowBody, type UsageTotalsBody } from '../contract/usage.ts'
import { writeCsv } from '../csv.ts'
import { writeMoment } from '../moments.ts'
import type { AdminParts } from '../ports.ts'
import { AdminProblem } from '../problem.ts'
import { problems, unavailable } from './answers.ts'
import { csvHeaders, spanOf, wantsCsv } from './usage-query.ts'

const readUsage = createRoute({
  method: 'get',
  path: '/api/usage',
  operationId: 'readUsage',
  summary: 'Sum usage and cost by owner, model, provider, status, label or time.',
  description: `At most ${usageLimits.rows} rows: what would have more is refused, not cut.`,
  tags: ['Usage'],
  parameters: [labelParameter],
  request: { query: usageQuery },
  responses: {
    200: {
      description: 'The sums.',
      content: {
        'application/json': { schema: usageBody },
        'text/csv': { schema: z.string().openapi({ description: 'One column per group, then the sums.' }) },
      },
    },
    ...problems,
    ...unavailable,
  },
})

export function usageRoutes(parts: AdminParts): OpenAPIHono {
  return new OpenAPIHono().openapi(readUsage, async (http) => {
    const query = http.req.valid('query')
    const { by = [] } = query
    const { fromMs, untilMs } = spanOf(query, parts.clock)
    const question: UsageQuestion = { by, fromMs, untilMs, where: whereOf(query) }
    const sums = await parts.stores.usage.query(question)
    if (sums.length > usageLimits.rows)
      throw new AdminProblem(
        'invalid_request',
        `The answer would have ${sums.length} rows, and at most ${usageLimits.rows} are given: ` +
          'ask for fewer groups, a shorter time or one owner.',
      )
    const rows = sums.map((sum) => ({ groups: groupsOf(sum, by), ...sumOf(sum) }))
    if (wantsCsv(http, query)) {
      return http.body(csvOf(rows, by), 200, csvHeaders('usage.csv'))
    }
    // An exchange with attempts at two models shows in two rows, so the rows cannot tell how many exchanges there were.
    const whole = by.length === 0 ? sums : await parts.stores.usage.query({ ...question, by: [] })
    const totals = totalsOf(sums, whole[0]?.requests ?? 0)
    return http.json({ from: writeMoment(fromMs), to: writeMoment(untilMs), by, rows, totals }, 200)
  })
}

function groupsOf(sum: UsageSum, by: readonly UsageGroup[]): UsageRowBody['groups'] {
  return Object.fromEntries(by.map((group) => [group, sum.groups[group] ?? null]))
}

function sumOf(sum: Omit<UsageSum, 'groups'>): UsageTotalsBody {
  return {
    requests: sum.requests,
    attempts: sum.attempts,
    inputTokens: sum.inputTokens,
    outputTokens: sum.outputTokens,
    costUsd: writeUsd(sum.costNanos),
    unpricedAttempts: sum.unpricedAttempts,
    adjustmentUsd: writeUsd(sum.adjustmentNanos),
    ...sum.units,
  }
}

/** From the same rows that are shown, so that they add up whatever was recorded in between; but for `requests`. */
function totalsOf(sums: readonly UsageSum[], requests: number): UsageTotalsBody {
  const none = {
    requests,
    attempts: 0,
    inputTokens: 0,
    outputTokens: 0,
    units: noUnits,
    costNanos: 0n,
    unpricedAttempts: 0,
    adjustmentNanos: 0n,
  }
  return sumOf(
    sums.reduce(
      (total, sum) => ({
        requests,
        attempts: total.attempts + sum.attempts,
        inputTokens: total.inputTokens + sum.inputTokens,
        outputTokens: total.outputTokens + sum.outputTokens,
        units: added(total.units, sum.units),
        costNanos: total.costNanos + sum.costNanos,
        unpricedAttempts: total.unpricedAttempts + sum.unpricedAttempts,
        adjustmentNanos: total.adjustmentNanos + sum.adjustmentNanos,
      }),
      none,
    ),
  )
}

const noUnits: UsageSum['units'] = { searches: 0, images: 0, audioSeconds: 0, characters: 0 }

function added(one: UsageSum['units'], other: UsageSum['units']): UsageSum['units'] {
  return {
    searches: one.searches + other.searches,
    images: one.images + other.images,
    audioSeconds: one.audioSeconds + other.audioSeconds,
    characters: one.characters + other.characters,
  }
}

function csvOf(rows: readonly UsageRowBody[], by: readonly UsageGroup[]): string {
  return writeCsv(
    [...by, ...usageSumColumns],
    rows.map((row) => [
      ...by.map((group) => row.groups[group] ?? null),
      ...usageSumColumns.map((column) => row[column]),
    ]),
  )
}
