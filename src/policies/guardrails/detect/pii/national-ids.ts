import { passesMod11Mod10, passesVerhoeff, remainder, weighed } from '../checksums.ts'
import type { Detector } from '../detector.ts'
import { before, dashSigns, patternDetector, spaceSigns } from '../pattern-detector.ts'

/** One country's number of its people, as data. */
interface NationalId {
  readonly kind: string
  readonly fewestDigits: number
  readonly pattern: RegExp
  /** @param compact letters and digits only, upper-case. */
  readonly check: (compact: string) => boolean
  /**
   * Words that must stand before it, where the number is too plain to be told by itself: a check digit alone lets one number in ten pass.
   * Absent, or `isWritten` is true of what was found: its form and checksum are enough.
   */
  readonly words?: RegExp
  readonly isWritten?: RegExp
  /** What may be the beginning of one, at the end of a text. */
  readonly live: RegExp
  /** The longest that is written, with separators. */
  readonly longest: number
  readonly hint?: RegExp
}

const digitsLive = /\d[\d .-]{0,20}$/

const rows: readonly NationalId[] = [
  {
    // Social Security Administration: no area 000, 666 or from 900, no group 00, no serial 0000.
    kind: 'us-ssn',
    fewestDigits: 9,
    pattern: new RegExp(
      String.raw`(?<![\w.-])(?!000|666|9)\d{3}([.${spaceSigns}${dashSigns}]?)(?!00)\d{2}\1(?!0000)\d{4}(?![\w-]|\.\d)`,
      'g',
    ),
    check: (compact) => compact !== '123456789' && new Set(compact).size > 1,
    words: /\b(?:ssn\b|s\.s\.n|ss ?(?:#|no\b|num)|social(?: security| sec\b|:)|soc\.? sec\b)/i,
    isWritten: new RegExp(`[${dashSigns}]`),
    live: new RegExp(String.raw`\d[\d.${spaceSigns}${dashSigns}]{0,10}$`),
    longest: 11,
  },
  {
    // Ten digits; weights 10 to 2, modulo 11 (NHS Data Dictionary).
    kind: 'uk-nhs',
    fewestDigits: 10,
    pattern: /(?<![\w.-])\d{3}([ -]?)\d{3}\1\d{4}(?![\w-]|\.\d)/g,
    check: (compact) => (11 - (weighed(compact, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 11 === Number(compact[9]),
    words: /\bnhs\b/i,
    live: digitsLive,
    longest: 12,
  },
  {
    // HMRC NIM39110: no D, F, I, Q, U, V; no O second; some pairs are never given.
    kind: 'uk-nino',
    fewestDigits: 6,
    pattern: /(?<![\w])(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?!\w)/gi,
    check: () => true,
    live: /(?<!\w)[A-Z]{1,2}(?: ?\d[\d ]{0,9}[A-D]?| )?$/i,
    longest: 13,
  },
  {
    // Steuer-Identifikationsnummer: eleven digits, one of them two or three times among the first ten, ISO 7064 MOD 11,10.
    kind: 'de-tax-id',
    fewestDigits: 11,
    pattern: /(?<![\w.-])[1-9]\d(?: ?\d{3}){3}(?![\w-]|\.\d)/g,
    check: (compact) => {
      const repeats = 10 - new Set(compact.slice(0, 10)).size
      return repeats >= 1 && repeats <= 2 && passesMod11Mod10(compact)
    },
    words: /\b(?:steuer|idnr|tax|tin)/i,
    live: digitsLive,
    longest: 14,
  },
  {
    // Sex, year, month, department, commune, order, and 97 less the rest (INSEE); Corsica is 19 and 18.
    kind: 'fr-nir',
    fewestDigits: 14,
    pattern: /(?<![\w.-])[12] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}(?![\w-]|\.\d)/gi,
    check: (compact) => {
      const body = compact.slice(0, 13).replace('2A', '19').replace('2B', '18')
      return 97 - remainder(body, 97) === Number(compact.slice(13))
    },
    live: /\d[\d AB]{0,21}$/i,
    longest: 21,
  },
  {
    // DNI, and NIE of foreigners: the rest modulo 23 chooses the letter.
    kind: 'es-dni',
    fewestDigits: 7,
    pattern: /(?<![\w.-])(?:[XYZxyz]-?\d{7}|\d{8}|\d{2}\.\d{3}\.\d{3})[ -]?[A-HJ-NP-TV-Za-hj-np-tv-z](?![\w-])/g,
    check: (compact) => {
      const digits = compact.slice(0, -1).replace(/^[XYZ]/, (letter) => String('XYZ'.indexOf(letter)))
      return 'TRWAGMYFPDXBNJZSQVHLCKE'[Number(digits) % 23] === compact.at(-1)
    },
    live: /(?<!\w)(?:[XYZ]-?)?(?:\d[\d.]{0,9}[ -]?[A-Z]?)?$/i,
    hint: /\d{7}|\d\.\d{3}\.\d{3}/,
    longest: 12,
  },
  {
    // Codice fiscale: odd places count by a table, even ones by their own value (D.M. 23/12/1976). Without
    // the few that have letters in place of digits, since two people had the same.
    kind: 'it-codice-fiscale',
    fewestDigits: 7,
    pattern: /\b[A-Z]{6}\d{2}[ABCDEHLMPRST]\d{2}[A-Z]\d{3}[A-Z]\b/gi,
    check: passesCodiceFiscale,
    live: /(?<!\w)[A-Z]{1,6}[A-Z\d]{0,10}$/i,
    hint: /\d\d[A-Z]\d\d[A-Z]\d{3}[A-Z]/i,
    longest: 16,
  },
  {
    // Burgerservicenummer: nine digits, the eleven test with -1 for the last.
    kind: 'nl-bsn',
    fewestDigits: 9,
    pattern: /(?<![\w.-])\d{4}[. ]?\d{2}[. ]?\d{3}(?![\w-]|\.\d)/g,
    check: (compact) => Number(compact) > 0 && weighed(compact, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0,
    words: /\b(?:bsn|burgerservice|sofi)/i,
    live: digitsLive,
    longest: 11,
  },
  {
    // Aadhaar: twelve digits, not from 0 or 1, Verhoeff (UIDAI).
    kind: 'in-aadhaar',
    fewestDigits: 12,
    pattern: /(?<![\w.-])[2-9]\d{3}([ -]?)\d{4}\1\d{4}(?![\w-]|\.\d)/g,
    check: (compact) => passesVerhoeff(compact),
    words: /\b(?:aadhaa?r|uidai|uid)\b/i,
    isWritten: /^\d{4} \d{4} \d{4}$/,
    live: digitsLive,
    longest: 14,
  },
  {
    // Permanent account number: the fourth letter tells whose it is, P for a person.
    kind: 'in-pan',
    fewestDigits: 4,
    pattern: /(?<!\w)[A-Z]{3}[ABCFGHLJPT][A-Z]\d{4}[A-Z](?!\w)/g,
    check: () => true,
    live: /(?<!\w)[A-Z]{1,5}\d{0,4}[A-Z]?$/,
    longest: 10,
  },
  {
    // CPF: two check digits modulo 11 (Receita Federal).
    kind: 'br-cpf',
    fewestDigits: 11,
    pattern: /(?<![\w.-])\d{3}\.?\d{3}\.?\d{3}-?\d{2}(?![\w-]|\.\d)/g,
    check: (compact) =>
      new Set(compact).size > 1 &&
      elevenLess(weighed(compact, [10, 9, 8, 7, 6, 5, 4, 3, 2])) === Number(compact[9]) &&
      elevenLess(weighed(compact, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2])) === Number(compact[10]),
    words: /\bcpf\b/i,
    isWritten: /^\d{3}\.\d{3}\.\d{3}-\d{2}$/,
    live: digitsLive,
    longest: 14,
  },
]

/** Numbers that states give their people: SSN, NHS and NINO, Steuer-ID, NIR, DNI and NIE, codice fiscale, BSN, Aadhaar and PAN, CPF. */
export const nationalIds: readonly Detector[] = rows.map(
  ({ kind, fewestDigits, pattern, check, words, isWritten, live, longest, hint = /\d\d/ }) =>
    patternDetector({
      kind,
      fewestDigits,
      hint,
      pattern,
      accepts: (found, text, start) =>
        check(found.replaceAll(/[^A-Z\d]/gi, '').toUpperCase()) &&
        (words === undefined || isWritten?.test(found) === true || words.test(before(text, start))),
      live,
      longestLive: longest,
    }),
)

function elevenLess(sum: number): number {
  const rest = sum % 11
  return rest < 2 ? 0 : 11 - rest
}

function passesCodiceFiscale(compact: string): boolean {
  const odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23]
  let sum = 0
  for (let place = 0; place < 15; place += 1) {
    const sign = compact.charAt(place)
    const value = /\d/.test(sign) ? Number(sign) : sign.charCodeAt(0) - 65
    sum += place % 2 === 0 ? (odd[value] ?? 0) : value
  }
  return String.fromCharCode(65 + (sum % 26)) === compact[15]
}
