import { dashSigns, spaceSigns } from '../pattern-detector.ts'
import type { Detector, Finding } from '../detector.ts'

const gaps = spaceSigns + dashSigns
const gap = new RegExp(`[${gaps}]`)
const opening = new RegExp(String.raw`(?<![A-Z\d])[A-Z]{2}\d{2}(?=[${gaps}]?[A-Z\d])`, 'gi')
/** A country, and its check. */
const openingLength = 4
const live = new RegExp(String.raw`(?<![A-Z\d])[A-Z]{1,2}(?:\d[A-Z\d${gaps}]{0,65})?$`, 'i')
const longestLive = 68

/** International bank accounts (ISO 13616): a country of the register, its length, and 1 modulo 97. In groups or in one piece. */
export const iban: Detector = {
  kind: 'iban',
  find(text) {
    const findings: Finding[] = []
    opening.lastIndex = 0
    while (opening.test(text)) {
      const start = opening.lastIndex - openingLength
      const length = lengths.get(text.slice(start, start + 2).toUpperCase())
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

/** Where an account of so many signs ends, with at most one gap between two of them; `undefined` where none does, or its check is wrong. */
function accountEnd(text: string, start: number, length: number): number | undefined {
  const head: number[] = []
  let rest = 0
  let signs = 0
  let isAfterGap = false
  let end = start
  for (; signs < length; end += 1) {
    const value = valueOf(text.charCodeAt(end))
    if (value === undefined) {
      if (isAfterGap || (text[end] !== ' ' && !gap.test(text.charAt(end)))) return undefined
      isAfterGap = true
      continue
    }
    isAfterGap = false
    // The country and the check count last.
    if (signs < 4) head.push(value)
    else rest = restWith(rest, value)
    signs += 1
  }
  if (valueOf(text.charCodeAt(end)) !== undefined) return undefined
  return head.reduce(restWith, rest) === 1 ? end : undefined
}

/** Letters count from 10 (ISO 7064). */
function valueOf(code: number): number | undefined {
  if (code >= 48 && code <= 57) return code - 48
  if (code >= 65 && code <= 90) return code - 55
  return code >= 97 && code <= 122 ? code - 87 : undefined
}

function restWith(rest: number, value: number): number {
  return (rest * (value > 9 ? 100 : 10) + value) % 97
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
