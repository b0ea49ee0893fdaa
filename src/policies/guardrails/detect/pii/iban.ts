import { remainder } from '../checksums.ts'
import { dashSigns, spaceSigns } from '../pattern-detector.ts'
import type { Detector, Finding } from '../detector.ts'

const gaps = spaceSigns + dashSigns
const gap = new RegExp(`[${gaps}]`)
const opening = new RegExp(String.raw`(?<![A-Z\d])[A-Z]{2}\d{2}(?=[${gaps}]?[A-Z\d])`, 'gi')
const live = new RegExp(String.raw`(?<![A-Z\d])[A-Z]{1,2}(?:\d[A-Z\d${gaps}]{0,65})?$`, 'i')
const longestLive = 68

/** International bank accounts (ISO 13616): a country of the register, its length, and 1 modulo 97. In groups or in one piece. */
export const iban: Detector = {
  kind: 'iban',
  find(text) {
    const findings: Finding[] = []
    for (const { index: start, 0: found } of text.matchAll(opening)) {
      const length = lengths.get(found.slice(0, 2).toUpperCase())
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
    else if (!gap.test(sign) || !/[A-Z\d]/i.test(text[end - 1] ?? '')) return undefined
  }
  if (/[A-Z\d]/i.test(text[end] ?? '')) return undefined
  return remainder(account.slice(4) + account.slice(0, 4), 97) === 1 ? end : undefined
}

/** SWIFT's IBAN registry, release 99 (2025): each country and its length. */
const registry =
  'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ' +
  'ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 ' +
  'LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 ' +
  'PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 ' +
  'YE30'
const lengths: ReadonlyMap<string, number> = new Map(
  registry.split(' ').map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
)
