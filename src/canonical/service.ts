import type { Json } from './json.ts'

/**
 * How an answer was served, where its provider says that it was not as its list of standard prices means: words such as `priority`,
 * `flex`, `fast` and `geo:us`, with a space between them. What an answer costs goes by how it was served, not by how it was asked for.
 */
export type Service = string

/** Charged at list prices. `auto` is the provider's own setting, whose outcome the end of an answer tells. */
const listPriced: ReadonlySet<string> = new Set([
  'auto',
  'batch',
  'default',
  'global',
  'not_available',
  'on_demand',
  'service_tier_unspecified',
  'standard',
  'standard_only',
  'unspecified',
])

/** Whether a tier, a speed or a place is what the lists of prices are for. */
export function isListPriced(word: string): boolean {
  return listPriced.has(word) || listPriced.has(word.toLowerCase())
}

/** @param said the tier or the speed of an answer, as its provider names it. */
export function serviceOf(said: Json | undefined): Service | undefined {
  if (typeof said !== 'string' || said === '' || isListPriced(said)) return undefined
  return said.toLowerCase().replaceAll(notInWord, '-').slice(0, mostLetters)
}

/** The words of several; `undefined` where there is none. */
export function joinedService(words: readonly (Service | undefined)[]): Service | undefined {
  const known = words.filter((word) => word !== undefined)
  return known.length === 0 ? undefined : known.join(' ')
}

const marker = ', served as '

/** What stands behind the price in the `priceVersion` of a record. */
export function writtenService(service: Service): string {
  return `${marker}${service}`
}

/** The `priceVersion` of a record without a price, by which it is priced anew as it was served. */
export function unpricedVersion(service: Service): string {
  return `unpriced${writtenService(service)}`
}

/** How the answer was served that a record of this `priceVersion` is of. */
export function serviceOfVersion(priceVersion: string | undefined): Service | undefined {
  const at = priceVersion?.lastIndexOf(marker) ?? -1
  return at === -1 ? undefined : priceVersion?.slice(at + marker.length)
}

/** What a batch used: the sum of calls that were priced one by one. */
export const batchService: Service = 'batch'

/** A word comes from a provider, and ends up in records. */
const notInWord = /[^a-z0-9_:-]/g
const mostLetters = 40
