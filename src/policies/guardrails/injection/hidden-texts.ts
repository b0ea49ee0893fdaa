import { runsOf } from '../runs.ts'

/** At most so many hidden texts of one are looked at, and so much of each. */
const mostHidden = 4
const longestHidden = 4_000

const base64 =
  /(?<![A-Za-z0-9+/])(?:[A-Za-z0-9+/]{4}){6,2000}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?(?![A-Za-z0-9+/=])/y
const base64Runs = runsOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', 24)
const hex = /(?<![\da-fA-F])(?:[\da-fA-F]{2}[ :]?){20,2000}(?![\da-fA-F])/g
/** Twenty pairs stand in one. */
const hexRuns = runsOf('0123456789abcdefABCDEF :', 40)
const entities = /(?:&#(?:x[\da-f]{1,6}|\d{1,7});[ ]?){8,2000}/gi
const percent = /(?:%[\da-fA-F]{2}|[\w.~-]){0,40}(?:%[\da-fA-F]{2}){4}(?:%[\da-fA-F]{2}|[\w.~-]){0,2000}/g
const percentRow = /(?:%[\da-fA-F]{2}){4}/
/** Words that a question about anything may hold, as ROT13 spells them. */
const rot13Words = /\b(?:vtaber|vafgehpgvbaf?|cerivbhf|cebzcg|flfgrz|cyrnfr|erirny|cnffjbeq|lbh|gur)\b/gi

/** Texts that stand in another in an encoding that a model reads and a person does not: base64, hexadecimal, entities, URL escapes, ROT13. */
export function hiddenTexts(text: string): readonly string[] {
  const hidden: string[] = []
  const take = (decoded: string): void => {
    if (hidden.length < mostHidden && isProse(decoded)) hidden.push(decoded.slice(0, longestHidden))
  }
  // None of them is written without a long row of signs, or its own marks: those are looked for first.
  for (const [start] of base64Runs(text)) {
    base64.lastIndex = start
    const [found] = base64.exec(text) ?? []
    if (found !== undefined) take(Buffer.from(found, 'base64').toString('utf8'))
  }
  const runs = hexRuns(text)
  if (runs.length > 0 && /[\da-fA-F]{2}[ :]?[\da-fA-F]{2}[ :]?\d/.test(text))
    for (const [found] of runs.flatMap(([start, end]) => [...text.slice(start, end).matchAll(hex)]))
      take(Buffer.from(found.replaceAll(/[ :]/g, ''), 'hex').toString('utf8'))
  for (const [found] of text.includes('&#') ? text.matchAll(entities) : [])
    take(
      found.replaceAll(/&#(x?)([\da-f]{1,7});[ ]?/gi, (_whole, isHex: string, digits: string) => {
        const code = Number.parseInt(digits, isHex === '' ? 10 : 16)
        return code <= 0x10ffff ? String.fromCodePoint(code) : ''
      }),
    )
  for (const [found] of text.includes('%') && percentRow.test(text) ? text.matchAll(percent) : [])
    take(
      found.replaceAll(/%([\da-fA-F]{2})/g, (_whole, digits: string) =>
        String.fromCharCode(Number.parseInt(digits, 16)),
      ),
    )
  if ((text.match(rot13Words)?.length ?? 0) >= 3) take(rotated(text))
  return hidden
}

/** Words with spaces between them, and hardly anything else. */
function isProse(text: string): boolean {
  if (text.length < 16 || !text.includes(' ')) return false
  const letters = text.match(/[\p{L}\p{N} ,.!?'\n-]/gu)?.length ?? 0
  return letters / text.length > 0.85
}

function rotated(text: string): string {
  return text.replaceAll(/[a-z]/gi, (letter) => {
    const base = letter <= 'Z' ? 65 : 97
    return String.fromCharCode(((letter.charCodeAt(0) - base + 13) % 26) + base)
  })
}
