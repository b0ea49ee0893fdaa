import { z } from '@hono/zod-openapi'
import { usageRecordBody, type UsageRecordBody } from './exchange.ts'
import { moment, recordPlace, usd } from './field.ts'
import { pageOf, pageQuery } from './page.ts'
import { usageQueryWith } from './usage-filter.ts'

export const usageRecordsQuery = usageQueryWith({
  limit: pageQuery.limit,
  after: recordPlace.optional().openapi({ description: 'The `nextAfter` of the page before.' }),
})

/** In the order of the CSV. In front of the record, which grows at its end: scripts read CSV by place. */
export const usageLineBody = z
  .object({
    adjustedCostUsd: usd.nullable().openapi({
      description: 'What it comes to with every adjustment. `null`: no price is known. Sums count this.',
    }),
    adjustmentUsd: usd.nullable().openapi({
      description: 'How much of that was added or taken later, by re-rating. `null`: nothing was.',
    }),
    ...usageRecordBody.omit({ decision: true }).shape,
  })
  .openapi('UsageLine')

export const usageLineColumns = Object.keys(usageLineBody.shape)

export const usageLinePage = pageOf(usageLineBody).extend({ from: moment, to: moment }).openapi('UsageLinePage', {
  description: 'A page may hold fewer items than its limit, even none: the last one has no `nextAfter`.',
})

export interface UsageLineBody extends Omit<UsageRecordBody, 'decision'> {
  readonly adjustedCostUsd: string | null
  readonly adjustmentUsd: string | null
}

export interface UsageLinePageBody {
  readonly from: string
  readonly to: string
  readonly items: UsageLineBody[]
  readonly nextAfter: string | null
}
