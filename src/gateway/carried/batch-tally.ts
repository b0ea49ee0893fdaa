import type { Price } from '../../accounting/price.ts'
import { costUnder } from '../../accounting/price.ts'
import type { Nanos } from '../../canonical/money.ts'
import { noUsage, usageComponents, type Usage } from '../../canonical/usage.ts'

/** What the calls of one batch used, added up. Each is priced by itself: rates may depend on how long a call's input is. */
export class BatchTally {
  readonly #priceOf: (responseModel: string | undefined) => Price | undefined
  readonly #prices = new Map<string | undefined, Price | undefined>()
  #usage: Usage = noUsage
  #costNanos: Nanos | undefined = 0n
  #responseModel: string | undefined

  /** @param priceOf in a batch, of an answer's own name for its model; `undefined`: there is none. */
  constructor(priceOf: (responseModel: string | undefined) => Price | undefined) {
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

  /** @param calls how many calls used it together: they are taken for equally long. */
  add(usage: Usage, responseModel: string | undefined, calls = 1): void {
    this.#count(usage, responseModel)
    const each = combined(usage, (_, count) => Math.floor(count / calls))
    const rest = combined(usage, (component, count) => count - each[component] * calls)
    const [costOfEach, costOfRest] = [each, rest].map((part) => this.#costOf(part, responseModel))
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

  #costOf(usage: Usage, responseModel: string | undefined): Nanos | undefined {
    if (usageComponents.every((component) => usage[component] === 0)) return 0n
    if (!this.#prices.has(responseModel)) this.#prices.set(responseModel, this.#priceOf(responseModel))
    const price = this.#prices.get(responseModel)
    return price && costUnder(price, usage)
  }
}

function combined(usage: Usage, of: (component: keyof Usage, count: number) => number): Usage {
  const result: Record<keyof Usage, number> = { ...usage }
  for (const component of usageComponents) result[component] = of(component, usage[component])
  return result
}
