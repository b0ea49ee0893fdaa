import { setImmediate as nextTurn } from 'node:timers/promises'
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { RecordsPage, RecordsQuestion } from '../../stores/ports/usage-records.ts'
import { pageLimits } from '../contract/page.ts'
import { labelParameter, whereOf } from '../contract/usage-filter.ts'
import {
  usageLineColumns,
  usageLinePage,
  usageRecordsQuery,
  type UsageLineBody,
  type UsageLinePageBody,
} from '../contract/usage-records.ts'
import { writeCsvLines, type CsvCell } from '../csv.ts'
import { writeMoment } from '../moments.ts'
import type { AdminParts } from '../ports.ts'
import { AdminProblem } from '../problem.ts'
import { readRecordPlace, writeRecordPlace } from '../record-place.ts'
import { usageLineOf } from '../usage-record-body.ts'
import { problems, unavailable } from './answers.ts'
import { csvHeaders, spanOf, wantsCsv } from './usage-query.ts'

/** Of one question to the store, for CSV. */
const recordsPerPage = 500
/** Lines of CSV that are made at once: few enough that calls do not wait for them. */
const linesPerChunk = 50

const listUsageRecords = createRoute({
  method: 'get',
  path: '/api/usage/records',
  operationId: 'listUsageRecords',
  summary: 'List the usage records that sums count, one for each attempt, in the order in which attempts began.',
  description: 'As CSV all of them are told at once, however many there are; `limit` and `after` are for JSON.',
  tags: ['Usage'],
  parameters: [labelParameter],
  request: { query: usageRecordsQuery },
  responses: {
    200: {
      description: 'One page, or all lines.',
      content: {
        'application/json': { schema: usageLinePage },
        'text/csv': { schema: z.string().openapi({ description: 'One column for each property of `UsageLine`.' }) },
      },
    },
    ...problems,
    ...unavailable,
  },
})

export function usageRecordRoutes(parts: AdminParts): OpenAPIHono {
  const { usage } = parts.stores
  return new OpenAPIHono().openapi(listUsageRecords, async (http) => {
    const query = http.req.valid('query')
    const { limit, after } = query
    const span = spanOf(query, parts.clock)
    const asked = { ...span, where: whereOf(query), after: after === undefined ? undefined : readRecordPlace(after) }
    if (!wantsCsv(http, query))
      return http.json(pageBodyOf(asked, await usage.page({ ...asked, limit: limit ?? pageLimits.default })), 200)
    if (limit !== undefined || after !== undefined)
      throw new AdminProblem(
        'invalid_request',
        'CSV has all records and no pages: leave limit and after out, or ask for JSON.',
      )
    const pageAfter = (place: RecordsQuestion['after']) => usage.page({ ...asked, after: place, limit: recordsPerPage })
    // Before the answer begins: a store that cannot answer is still told as one.
    const first = await pageAfter(undefined)
    return http.body(ReadableStream.from(csvOf(first, pageAfter)), 200, csvHeaders('usage-records.csv'))
  })
}

function pageBodyOf(
  { fromMs, untilMs }: Pick<RecordsQuestion, 'fromMs' | 'untilMs'>,
  page: RecordsPage,
): UsageLinePageBody {
  return {
    from: writeMoment(fromMs),
    to: writeMoment(untilMs),
    items: page.records.map(usageLineOf),
    nextAfter: page.next === undefined ? null : writeRecordPlace(page.next),
  }
}

/** Piece by piece, each when the client has taken the one before: the whole is never held. */
async function* csvOf(
  first: RecordsPage,
  pageAfter: (place: RecordsQuestion['after']) => Promise<RecordsPage>,
): AsyncGenerator<Uint8Array> {
  yield encoder.encode(writeCsvLines([usageLineColumns]))
  for (let page = first; ; page = await pageAfter(page.next)) {
    for (let start = 0; start < page.records.length; start += linesPerChunk) {
      const lines = page.records.slice(start, start + linesPerChunk).map(usageLineOf)
      yield encoder.encode(writeCsvLines(lines.map(cellsOf)))
      await nextTurn()
    }
    if (page.next === undefined) return
  }
}

const encoder = new TextEncoder()

function cellsOf(line: UsageLineBody): readonly CsvCell[] {
  const told = new Map<string, unknown>(Object.entries(line))
  return usageLineColumns.map((column) => cellOf(told.get(column)))
}

function cellOf(value: unknown): CsvCell {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value
  return JSON.stringify(value)
}
