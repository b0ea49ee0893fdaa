import { remainder } from '../checksums.ts'
import type { Detector, Finding } from '../detector.ts'

const opening = /(?<![A-Z\d])[A-Z]{2}\d{2}(?=[ -]?[A-Z\d])/gi
const live = /(?<![A-Z\d])[A-Z]{1,2}(?:\d[A-Z\d -]{0,65})?$/i
const longestLive = 68

/** International bank accounts (ISO 13616): a country of the register, its length, and 1 modulo 97. In groups or in one piece. */
export const iban: Detector = {
  kind: 'iban',
  find(text) {
    const findings: Finding[] = []
    for (const { index: start, 0: found } of text.matchAll(opening)) {
      const length = lengths[found.slice(0, 2).toUpperCase()]
      const end = length === undefined ? undefined : accountEnd(text, start, length)
      if (end !== undefined) findings.push({ kind: 'iban', start, end })
    }
    return findings
  },
  liveFrom(text) {
    const from = Math.max(0, text.length - longestLive)
    const match = live.exec(text.slice(from))
    return match ? from + match.index : text.length
  },
}

function accountEnd(text: string, start: number, length: number): number | undefined {
  let account = ''
  let end = start
  for (; account.length < length; end += 1) {
    const sign = text[end] ?? ''
    if (/[A-Z\d]/i.test(sign)) account += sign.toUpperCase()
    else if (!/[ -]/.test(sign) || !/[A-Z\d]/i.test(text[end - 1] ?? '')) return undefined
  }
  if (/[A-Z\d]/i.test(text[end] ?? '')) return undefined
  return remainder(account.slice(4) + account.slice(0, 4), 97) === 1 ? end : undefined
}

/** SWIFT's IBAN registry, release 99 (2025), by country. */
const lengths: Readonly<Record<string, number>> = {
  ...{ AD: 24, AE: 23, AL: 28, AT: 20, AZ: 28, BA: 20, BE: 16, BG: 22, BH: 22, BI: 27, BR: 29, BY: 28, CH: 21, CR: 22 },
  ...{ CY: 28, CZ: 24, DE: 22, DJ: 27, DK: 18, DO: 28, EE: 20, EG: 29, ES: 24, FI: 18, FK: 18, FO: 18, FR: 27, GB: 22 },
  ...{ GE: 22, GI: 23, GL: 18, GR: 27, GT: 28, HN: 28, HR: 21, HU: 28, IE: 22, IL: 23, IQ: 23, IS: 26, IT: 27, JO: 30 },
  ...{ KW: 30, KZ: 20, LB: 28, LC: 32, LI: 21, LT: 20, LU: 20, LV: 21, LY: 25, MC: 27, MD: 24, ME: 22, MK: 19, MN: 20 },
  ...{ MR: 27, MT: 31, MU: 30, NI: 28, NL: 18, NO: 15, OM: 23, PK: 24, PL: 28, PS: 29, PT: 25, QA: 29, RO: 24, RS: 22 },
  ...{ RU: 33, SA: 24, SC: 31, SD: 18, SE: 24, SI: 19, SK: 24, SM: 27, SO: 23, ST: 25, SV: 28, TL: 23, TN: 24, TR: 26 },
  ...{ UA: 29, VA: 22, VG: 24, XK: 20, YE: 30 },
}
