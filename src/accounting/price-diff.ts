import { usageComponents, type UsageComponent } from '../canonical/usage.ts'
import { isJump } from './price-jump.ts'
import { everyInput, type RatedPrice } from './rated-price.ts'
import type { Rate, Rates } from './rates.ts'

/** How what a model costs differs between two books, or two moments. */
export interface PriceDifference {
  readonly kind: 'new' | 'gone' | 'dearer' | 'cheaper' | 'mixed'
  readonly rates: readonly RateDifference[]
}

export interface RateDifference {
  readonly component: UsageComponent
  /** For calls whose input is longer than this; `undefined`: for every call. */
  readonly inputOver: number | undefined
  readonly before: Rate
  readonly after: Rate
  /** To a hundredth. `undefined`: it was free before. */
  readonly percent: number | undefined
  /** More than tenfold: is the unit right? */
  readonly isJump: boolean
}

/** @returns `undefined` where nothing differs, or neither has a price. */
export function priceDifference(
  before: RatedPrice | undefined,
  after: RatedPrice | undefined,
): PriceDifference | undefined {
  if (before === undefined || after === undefined) {
    if (before === after) return undefined
    return { kind: before === undefined ? 'new' : 'gone', rates: [] }
  }
  const borders = [...new Set([...before.bands, ...after.bands].map(({ inputOver }) => inputOver))]
  const rates = borders
    .toSorted((one, other) => one - other)
    .flatMap((inputOver) => differences(inputOver, ratesOver(before, inputOver), ratesOver(after, inputOver)))
  if (rates.length === 0) return undefined
  const isDearer = rates.some((rate) => rate.after > rate.before)
  const isCheaper = rates.some((rate) => rate.after < rate.before)
  return { kind: isDearer && isCheaper ? 'mixed' : isDearer ? 'dearer' : 'cheaper', rates }
}

function ratesOver({ bands }: RatedPrice, inputOver: number): Rates {
  return (bands.findLast((band) => band.inputOver <= inputOver) ?? bands[0]).rates
}

function differences(inputOver: number, before: Rates, after: Rates): readonly RateDifference[] {
  return usageComponents
    .filter((component) => before[component] !== after[component] && !follows(component, before, after))
    .map((component) => ({
      component,
      inputOver: inputOver === everyInput ? undefined : inputOver,
      before: before[component],
      after: after[component],
      percent: percentOf(before[component], after[component]),
      isJump: isJump(before[component], after[component]),
    }))
}

/** What is charged as plain input or output, or like other cached tokens, before and after, has no news of its own. */
function follows(component: UsageComponent, before: Rates, after: Rates): boolean {
  const plain = plainOf(component)
  return component !== plain && before[component] === before[plain] && after[component] === after[plain]
}

function plainOf(component: UsageComponent): UsageComponent {
  if (component === 'cacheReadAudio' || component === 'cacheReadImage') return 'cacheRead'
  return component.startsWith('output') ? 'outputText' : 'inputUncached'
}

function percentOf(before: Rate, after: Rate): number | undefined {
  return before === 0n ? undefined : Number(((after - before) * 10_000n) / before) / 100
}
