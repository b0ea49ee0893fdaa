import type { JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import { readUsd, type Nanos } from '../../canonical/money.ts'

/**
 * What the provider says the call costs, where it says so in an OpenAI-shaped usage, rounded up to whole nano-dollars.
 * - OpenRouter ("Usage accounting"): `cost` in dollars. With the caller's own key at the provider behind (`is_byok`) it is
 *   OpenRouter's fee only, and `cost_details.upstream_inference_cost` is what that provider charges besides.
 * - xAI: `cost_in_usd_ticks`, 10^10 to the dollar: the recorded answers' costs are their list prices in this unit. Azure
 *   sends the same field with 0 for every call of xAI's models (recorded 2026-08): zero ticks are not believed.
 * - Perplexity: `cost.total_cost` in a `cost.currency`, its tools included (Perplexity docs, "Agent API", read 2026-11).
 */
export function readProviderCost(usage: JsonObject): Nanos | undefined {
  const ticks = usage['cost_in_usd_ticks']
  if (typeof ticks === 'number' && Number.isSafeInteger(ticks) && ticks > 0)
    return roundedUp(BigInt(ticks), ticksPerNano)
  const said = usage['cost']
  const cost = readDollars(isJsonObject(said) && said['currency'] === 'USD' ? said['total_cost'] : said)
  if (cost === undefined) return undefined
  const details = usage['cost_details']
  const behind =
    usage['is_byok'] === true && isJsonObject(details) ? readDollars(details['upstream_inference_cost']) : undefined
  return roundedUp(cost + (behind ?? 0n), picosPerNano)
}

const ticksPerNano = 10n
const picosPerNano = 1000n
const picosPerUsd = 1_000_000_000_000n
const largestDollars = 1_000_000

/** In pico-dollars: the twelfth place is beyond any price, and drops the dust of the provider's floating point. */
function readDollars(value: unknown): bigint | undefined {
  if (typeof value !== 'number' || !(value >= 0) || value > largestDollars) return undefined
  return readUsd(value.toFixed(12), picosPerUsd)
}

function roundedUp(amount: bigint, unit: bigint): Nanos {
  return (amount + unit - 1n) / unit
}
