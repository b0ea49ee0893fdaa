import { readUsd } from '../canonical/money.ts'
import type { UsageComponent } from '../canonical/usage.ts'

/**
 * What a million of something costs, in attodollars (10^-18 US dollars): fine enough that every published price is
 * exact, `0.08333333333333334` USD per million included. A component counted in calls has the price of a million calls,
 * so that one scale fits all.
 */
export type Rate = bigint

/** A rate for every component of a usage. */
export type Rates = Readonly<Record<UsageComponent, Rate>>

/** What a price list says, before the gaps are filled. */
export type GivenRates = Readonly<Partial<Rates>>

const attosPerUsd = 10n ** 18n
const attosPerNano = 10n ** 9n
const countPerRate = 1_000_000n

/** How many units of count times rate make one nano-dollar. */
export const ratedPerNano = countPerRate * attosPerNano

/**
 * Reads a rate from a decimal string of dollars.
 * @param perCount how many tokens or calls the price is for; a divisor of a million.
 * @returns `undefined` when the string is no plain decimal of at most 18 places, or negative.
 */
export function rateOfText(usd: string, perCount = 1_000_000): Rate | undefined {
  const attos = readUsd(usd, attosPerUsd)
  return attos === undefined || attos < 0n ? undefined : attos * scaleOf(perCount)
}

/**
 * Reads a rate from a price list's number, by its shortest decimal text: what the list's author wrote, not what the
 * double holds. Digits beyond the eighteenth are rounded up.
 * @throws RangeError when it is no price: negative, infinite, not a number.
 */
export function rateOfNumber(usd: number, perCount = 1_000_000): Rate {
  if (!Number.isFinite(usd) || usd < 0) throw new RangeError(`${usd} is not a price`)
  const [mantissa = '0', exponent = '0'] = String(usd).split('e')
  const [whole = '0', fraction = ''] = mantissa.split('.')
  const places = fraction.length - Number(exponent)
  const digits = BigInt(whole + fraction) * attosPerUsd * scaleOf(perCount)
  return places <= 0 ? digits * 10n ** BigInt(-places) : dividedUp(digits, 10n ** BigInt(places))
}

/** Writes a rate as dollars per million, such as `2.5`. For messages only. */
export function writeRate(rate: Rate): string {
  const text = (rate % attosPerUsd).toString().padStart(18, '0').replace(/0+$/, '')
  return `${rate / attosPerUsd}${text === '' ? '' : `.${text}`}`
}

/**
 * What a second costs, of what is listed by so many. Rounded down, since the sum is rounded up: a rate is so much finer than a
 * nano-dollar that a whole minute or hour then costs what is listed, and a part of one its share, rounded up once.
 */
export function ratePerSecond(rate: Rate, seconds: bigint): Rate {
  return rate / seconds
}

/** Divides and rounds up. Both are zero or more. */
export function dividedUp(amount: bigint, divisor: bigint): bigint {
  return (amount + divisor - 1n) / divisor
}

function scaleOf(perCount: number): bigint {
  return countPerRate / BigInt(perCount)
}
