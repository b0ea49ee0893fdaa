import type { Context } from 'hono'
import { accepts } from 'hono/accepts'
import type { Clock } from '../../canonical/clock.ts'
import { AdminProblem } from '../problem.ts'

/** What the questions about usage records read of their query alike. */

const defaultSinceMs = 7 * 86_400_000

interface AskedSpan {
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly since?: number | undefined
}

/** @throws AdminProblem `invalid_request` for a span that ends before it begins. */
export function spanOf(
  { from, to, since = defaultSinceMs }: AskedSpan,
  clock: Clock,
): { readonly fromMs: number; readonly untilMs: number } {
  const untilMs = to ?? clock.nowMs()
  const fromMs = from ?? untilMs - since
  if (fromMs >= untilMs) throw new AdminProblem('invalid_request', 'from: must be before `to`')
  return { fromMs, untilMs }
}

/** By the `q` of each that is accepted (RFC 9110, 12.4.2), unless the query says it. Whoever takes anything is given JSON. */
export function wantsCsv(http: Context, { format }: { readonly format?: 'json' | 'csv' | undefined }): boolean {
  if (format !== undefined) return format === 'csv'
  const [json, csv] = ['application/json', 'text/csv'] as const
  return accepts(http, { header: 'Accept', supports: [json, csv], default: json }) === csv
}

export function csvHeaders(fileName: string): Record<'content-type' | 'content-disposition', string> {
  return {
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': `attachment; filename="${fileName}"`,
  }
}
