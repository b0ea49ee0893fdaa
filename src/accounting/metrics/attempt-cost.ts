import type { Registry } from 'prom-client'
import type { UsageRecord } from '../../canonical/usage-record.ts'
import { served, type ServedLabels } from './served-labels.ts'
import { TalliedCounter } from './tallies.ts'

/** What attempts that used something cost. @returns what finds the series of a kind of attempts. */
export function openAttemptCost(registers: Registry[]) {
  const cost = new TalliedCounter({
    name: 'gen_ai_client_cost_usd_total',
    help: 'Cost of attempts in USD, rounded here; the usage records are exact.',
    labelNames: served,
    registers,
  })
  const lookups = new TalliedCounter({
    name: 'cost_catalog_lookups_total',
    help: 'Price look-ups at the end of attempts that used something, by result.',
    labelNames: ['status'] as const,
    registers,
  })
  const lookedUp = { unpriced: lookups.tally({ status: 'unpriced' }), exact: lookups.tally({ status: 'exact' }) }
  const unpricedAttempts = new TalliedCounter({
    name: 'weir_unpriced_attempts_total',
    help: 'Attempts that used something and have no price: their cost is unknown, not zero.',
    labelNames: ['provider', 'model'] as const,
    registers,
  })

  return (labels: ServedLabels) => {
    const { gen_ai_provider_name: provider, gen_ai_request_model: model } = labels
    const series = { cost: cost.tally(labels), unpriced: unpricedAttempts.tally({ provider, model }) }
    return {
      note: ({ costNanos }: UsageRecord) => {
        if (costNanos === undefined) {
          lookedUp.unpriced.add(1)
          series.unpriced.add(1)
          return
        }
        lookedUp.exact.add(1)
        // A batch that came to less than was declared for it corrects the books, but a counter never falls.
        if (costNanos > 0n) series.cost.add(Number(costNanos) / 1e9)
      },
    }
  }
}
