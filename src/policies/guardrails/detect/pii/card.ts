import { digitsOf, passesLuhn } from '../checksums.ts'
import { before, dashSigns, patternDetector, spaceSigns } from '../pattern-detector.ts'

/**
 * Payment cards: 12 to 19 digits of a known issuer, alone or in groups, that pass Luhn. One random number in ten passes Luhn too;
 * the issuer's prefix (ISO/IEC 7812) and length leave few of those.
 */
export const card = patternDetector({
  kind: 'card',
  fewestDigits: 12,
  hint: /\d{4}/,
  pattern: new RegExp(String.raw`(?<![\w.-])\d(?:[${spaceSigns}${dashSigns}]?\d){11,18}(?![\w-]|\.\d)`, 'g'),
  accepts: (found, text, start) => {
    const digits = digitsOf(found)
    return isOfIssuer(digits) && hasCardGroups(found) && passesLuhn(digits) && !calledElse.test(before(text, start))
  },
  live: new RegExp(String.raw`\d[\d${spaceSigns}${dashSigns}]{0,40}$`),
  longestLive: 41,
})

/** What the words before it call it, where that is no card. */
const calledElse =
  /\b(?:order|invoice|ticket|tracking|build|ref(?:erence)?|isbn|ean|upc|gtin|imei|iccid|sku|id|serial|version|case|part|batch|shipment|parcel|job|run) ?(?:number|no\.?|nr\.?|id|#)?(?: is)?[:#\s=]{0,3}$/i

const issuers: readonly (readonly [prefix: RegExp, lengths: readonly number[]])[] = [
  // Visa.
  [/^4/, [13, 16, 19]],
  // Mastercard.
  [/^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]],
  // American Express.
  [/^3[47]/, [15]],
  // Discover, UnionPay.
  [/^(?:6011|64[4-9]|65|62|81)/, [16, 17, 18, 19]],
  // Diners Club.
  [/^(?:30[0-5]|309|36|38|39)/, [14, 16, 19]],
  // JCB.
  [/^(?:2131|1800)/, [15]],
  [/^35/, [16, 17, 18, 19]],
  // Maestro.
  [/^(?:50|5[6-9]|6[0-9])/, [16]],
  [/^(?:50[123]|5[678]|0604|6304|639|67)/, [12, 13, 14, 15, 17, 18, 19]],
  // Mir, RuPay.
  [/^(?:220[0-4]|60|65|81|82|508)/, [16]],
]

function isOfIssuer(digits: string): boolean {
  return issuers.some(([prefix, lengths]) => lengths.includes(digits.length) && prefix.test(digits))
}

/** Not numbers in a row: a card's groups are of four, or of 4-6-5 and 4-6-4. */
function hasCardGroups(found: string): boolean {
  const groups = found.split(/\D/).map(({ length }) => length)
  if (groups.length === 1) return true
  if (/^4,6,[45]$/.test(groups.join())) return true
  return groups.slice(0, -1).every((length) => length === 4) && (groups.at(-1) ?? 0) <= 7
}
