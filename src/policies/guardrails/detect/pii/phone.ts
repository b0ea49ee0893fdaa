import { digitsOf } from '../checksums.ts'
import { before, patternDetector } from '../pattern-detector.ts'

/**
 * Telephone numbers of any country. What is written as one (`+49 ...`, `(415) 555-0100`, `02.27.96.63.08`) is found by itself; plain
 * digits and unusual groups only where words beside them say so.
 */
export const phone = patternDetector({
  kind: 'phone',
  hint: /\d[\d .()/-]{5}/,
  pattern:
    /(?<![\w.$€£#=@(+-]|\d,? )[+(]{0,2}\d(?:[ .()/\u00A0-]{0,2}\d){5,15}(?: ?(?:x|ext\.? ?)\d{1,6})?(?![\d:]|[.,/-]\d|[A-Z]?_|[A-WYZa-wyz])/g,
  accepts: isPhone,
  live: /[+(]{0,2}\d[\d .()/\u00A0-]{0,50}(?:x|e?xt?\.? ?\d{0,6})?[ -]{0,2}[A-Za-z]{0,7}$|[+(]{1,2}$/,
  longestLive: 80,
})

function isPhone(found: string, text: string, start: number): boolean {
  const [main = ''] = found.split(/ ?(?:x|ext)/)
  const digits = digitsOf(main)
  if (digits.length < 7 || digits.length > 15) return false
  if (isDate(main) || new Set(digits).size < 3) return false
  const words = before(text, start)
  if (notPhoneBefore.test(words)) return false
  if (written.some((form) => form.test(main))) return true
  return phoneBefore.test(words) || phoneAfter.test(text.slice(start + found.length, start + found.length + 10))
}

/** Forms in which hardly anything else is written. */
const written: readonly RegExp[] = [
  // ITU-T E.164: a plus and a country code.
  /^\(?\+\(?[1-9][\d .()/\u00A0-]{6,24}$/,
  // North America: 3-3-4.
  /^(?:(?:00)?1[ .-]?)?\(?\d{3}\)[ .-]?\d{3}[ .-]?\d{4}$/,
  /^(?:(?:00)?1[ .-])?[2-9]\d{2}([.-])\d{3}\1\d{4}$/,
  /^0?\d{2}([.-])\d{3}\1\d{4}$/,
  // An area code in brackets.
  /^\(0?\d{1,4}\) ?\d{3,4}[ -]?\d{3,4}$/,
  // A leading nought and groups: most of Europe and Asia.
  /^0\d{1,4}(?:([ .-])\d{2,4})(?:\1\d{2,4}){1,4}$/,
  /^0\d{1,4}[ -]\d{6,8}$/,
]

const phoneBefore =
  /\b(?:tele?(?:ph|f)one?s?|tel|phones?|mobile|cell(?:phone|ular)?|fax|handy|whatsapp|sms|m[oó]vil|portable|ring|dial|(?:call|text|reach|contact|phoning|calling)(?:ed|ing)?(?: (?:me|us|him|her|them|you))?(?: (?:at|on|back on|back at|up on|via))?|answering at|messages? (?:to|on|at)|my registered)(?: ?(?:number|no\.?|nr\.?|#|is|was|as|:|-|at|on|=))*[:\s"'(]{0,4}$/i
const phoneAfter = /^[ -]{0,2}\(?(?:office|fax|mobile|cell|home|work|phone)\b/i
const notPhoneBefore =
  /\b(?:order|invoice|account|card|ticket|tracking|build|ref(?:erence)?|isbn|issn|ean|serial|id|ssn|iban|version|case|po|sku|port|pid|part|model|commit|batch|step|line|row|page|zip|item)(?: ?(?:number|no\.?|nr\.?|#|id|code))?(?: is)?[:#\s=]{0,3}$/i

function isDate(main: string): boolean {
  return /^(?:(?:19|20)\d{2}([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2(?:19|20)\d{2})\b/.test(main)
}
