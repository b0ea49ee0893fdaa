import { costUnder, type Price } from '../../accounting/price.ts'
import type { Nanos } from '../../canonical/money.ts'
import type { Service } from '../../canonical/service.ts'
import { noUsage, usageComponents, type Usage } from '../../canonical/usage.ts'

/** What the calls of one batch used, added up. Each is priced by itself: rates may depend on how long a call's input is. */
export class BatchTally {
  readonly #priceOf: PriceInBatch
  readonly #prices = new Map<string, Price | undefined>()
  readonly #versions = new Set<string>()
  /** By component; `undefined`: calls had several. */
  readonly #rates = new Map<string, string | undefined>()
  #usage: Usage = noUsage
  #costNanos: Nanos | undefined = 0n
  #responseModel: string | undefined

  /** @param priceOf in a batch. */
  constructor(priceOf: PriceInBatch) {
    this.#priceOf = priceOf
  }

  get usage(): Usage {
    return this.#usage
  }

  get responseModel(): string | undefined {
    return this.#responseModel
  }

  /** `undefined`: something of it has no price. */
  get costNanos(): Nanos | undefined {
    return this.#costNanos
  }

  /** The one price of all calls: its version, and its rates where each component had one. `undefined`: there were several, or none. */
  get price(): Pick<Price, 'version' | 'ratesOf'> | undefined {
    const [version, ...others] = this.#versions
    if (version === undefined || others.length > 0 || this.#costNanos === undefined) return undefined
    const rates: Record<string, string> = {}
    for (const [component, rate] of this.#rates) {
      if (rate === undefined) return { version, ratesOf: () => ({}) }
      rates[component] = rate
    }
    return { version, ratesOf: () => rates }
  }

  /** @param calls how many calls used it together: they are taken for equally long. */
  add(usage: Usage, responseModel: string | undefined, service?: Service, calls = 1): void {
    this.#count(usage, responseModel)
    const each = combined(usage, (_, count) => Math.floor(count / calls))
    const rest = combined(usage, (component, count) => count - each[component] * calls)
    const [costOfEach, costOfRest] = [each, rest].map((part) => this.#costOf(part, responseModel, service))
    const known = this.#costNanos
    this.#costNanos =
      known === undefined || costOfEach === undefined || costOfRest === undefined
        ? undefined
        : known + costOfEach * BigInt(calls) + costOfRest
  }

  /** What several models used together: no one price holds for it. */
  addMixed(usage: Usage, responseModel: string | undefined): void {
    this.#count(usage, responseModel)
    this.#costNanos = undefined
  }

  #count(usage: Usage, responseModel: string | undefined): void {
    this.#responseModel ??= responseModel
    this.#usage = combined(usage, (component, count) => this.#usage[component] + count)
  }

  #costOf(usage: Usage, responseModel: string | undefined, service: Service | undefined): Nanos | undefined {
    if (usageComponents.every((component) => usage[component] === 0)) return 0n
    const key = `${service ?? ''} ${responseModel ?? ''}`
    if (!this.#prices.has(key)) this.#prices.set(key, this.#priceOf(responseModel, service))
    const price = this.#prices.get(key)
    if (!price) return undefined
    this.#versions.add(price.version)
    for (const [component, rate] of Object.entries(price.ratesOf(usage)))
      this.#rates.set(component, !this.#rates.has(component) || this.#rates.get(component) === rate ? rate : undefined)
    return costUnder(price, usage)
  }
}

/** Of an answer's own name for its model, and how it was served besides; `undefined`: there is none. */
export type PriceInBatch = (responseModel: string | undefined, service: Service | undefined) => Price | undefined

function combined(usage: Usage, of: (component: keyof Usage, count: number) => number): Usage {
  const result: Record<keyof Usage, number> = { ...usage }
  for (const component of usageComponents) result[component] = of(component, usage[component])
  return result
}
