import { costUnder, type PriceBook } from '../accounting/price.ts'
import { pricedNames } from '../accounting/priced-names.ts'
import type { ReratedView, RerateOrder } from '../admin/ports.ts'
import { matchPattern } from '../canonical/pattern.ts'
import { serviceOfVersion } from '../canonical/service.ts'
import { mixedPrice } from '../canonical/usage-record.ts'
import { accountDifferences, rerate } from '../ledger/rerate.ts'
import type { NewLedgerEntry } from '../stores/ports/ledger-entries.ts'
import type { AdjustedRecord, PagedRecord, RecordPlace, UsageRecords } from '../stores/ports/usage-records.ts'
import type { LiveConfig } from './live-config.ts'
import { bookWith } from './price-views.ts'

/** Of one question to the store: few enough that serving is not held up while they are priced. */
const recordsPerPage = 500
/** Of one order: a call of the API that takes a second, and a transaction that is soon over. */
const recordsPerOrder = 5_000

/**
 * Prices the records of a time anew, as far as one order goes, by the book in force or one with another prices file. Writes
 * nothing: the entries are in the answer.
 * @throws GatewayError `invalid_request` for a prices file that cannot be used.
 */
export async function rerateRecords(order: RerateOrder, live: LiveConfig, usage: UsageRecords): Promise<ReratedView> {
  const prices = bookWith(live, order.file)
  const entries: NewLedgerEntry[] = []
  const models = new Map<string, ModelSum>()
  const counts = { examined: 0, adjusted: 0, unpriced: 0, toldByProvider: 0 }
  let after = order.after
  for (let seen = 0; seen < recordsPerOrder;) {
    const { fromMs, untilMs } = order
    const { records, next } = await usage.page({ fromMs, untilMs, where: {}, after, limit: recordsPerPage })
    for (const one of records) if (isWanted(one.record, order.models)) note(one)
    seen += records.length
    after = next
    if (next === undefined) return viewOf(undefined)
  }
  return viewOf(after)

  function note({ record, reratedNanos, isResolved }: AdjustedRecord): void {
    counts.examined += 1
    const found = priceOf(record, prices, live)
    const outcome = rerate({ record, reratedNanos, isResolved, costNow: found?.costNanos })
    if (outcome.kind === 'unpriced') counts.unpriced += 1
    if (outcome.kind === 'told-by-provider') counts.toldByProvider += 1
    if (outcome.kind !== 'adjusted' || found === undefined) return
    counts.adjusted += 1
    const { beforeNanos, afterNanos, differenceNanos } = outcome
    // Price and rates with the entry, so that the ledger alone explains the new cost.
    const detail = JSON.stringify({ before: record.priceVersion, price: found.version, rates: found.rates })
    const { requestId, attempt, provider = '', targetModel = '' } = record
    entries.push({ kind: 'rerate', requestId, attempt, accountId: undefined, amount: differenceNanos, detail })
    for (const { accountId, amount } of accountDifferences(record, outcome))
      entries.push({ kind: 'rerate', requestId, attempt, accountId, amount, detail })
    const key = `${provider}/${targetModel}`
    const sum = models.get(key) ?? { provider, model: targetModel, records: 0, beforeNanos: 0n, afterNanos: 0n }
    models.set(key, {
      ...sum,
      records: sum.records + 1,
      beforeNanos: sum.beforeNanos + (beforeNanos ?? 0n),
      afterNanos: sum.afterNanos + afterNanos,
    })
  }

  function viewOf(next: RecordPlace | undefined): ReratedView {
    return { ...counts, entries, models: [...models.values()], next }
  }
}

type ModelSum = ReratedView['models'][number]

/** Only attempts at providers: a call that reached none has nothing to be priced. */
function isWanted({ attempt, targetModel, catalogModel }: PagedRecord, models: readonly string[]): boolean {
  if (attempt === 0) return false
  if (models.length === 0) return true
  const names = [targetModel, catalogModel].flatMap((name) => name ?? [])
  return models.some((pattern) => names.some((name) => matchPattern(pattern, name) !== undefined))
}

/** As an attempt is priced: at the moment it began, as it was served, and a worst case as what was asked for (`OneAttempt.settle`). */
function priceOf(record: PagedRecord, prices: PriceBook, live: LiveConfig) {
  const { provider: providerName, targetModel, startedAtMs, usageSource, priceVersion } = record
  if (providerName === undefined || priceVersion === mixedPrice) return undefined
  const provider = live.snapshot.providers.get(providerName)
  const responseModel = usageSource === 'worst_case' ? undefined : record.responseModel
  const names = pricedNames(targetModel, responseModel, provider)
  const found = prices.priceFor(
    providerName,
    provider?.priceProvider,
    names,
    startedAtMs,
    serviceOfVersion(priceVersion),
  )
  if (found.kind === 'unpriced') return undefined
  const { version } = found.price
  const costNanos = costUnder(found.price, record)
  if (costNanos === undefined) return undefined
  return { version, costNanos, rates: found.price.ratesOf(record) }
}
