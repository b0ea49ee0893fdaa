import { digitsOf } from '../checksums.ts'
import { before, dashSigns, patternDetector, spaceSigns } from '../pattern-detector.ts'

/**
 * Telephone numbers of any country. What is written as one (`+49 ...`, `(415) 555-0100`, `02.27.96.63.08`) is found by itself; plain
 * digits and unusual groups only where words beside them say so.
 */
const gaps = String.raw`.()/${spaceSigns}${dashSigns}`

export const phone = patternDetector({
  kind: 'phone',
  fewestDigits: 7,
  hint: /\d\D{0,2}\d\D{0,2}\d\D{0,2}\d\D{0,2}\d\D{0,2}\d/,
  pattern: new RegExp(
    String.raw`(?<![\w.$€£#@(+-]|\d,? )[+(]{0,2}\d(?:[${gaps}]{0,2}\d){5,15}(?: ?(?:x|ext\.? ?)\d{1,6})?(?![\d:]|[.,/-]\d|[A-Z]?_|[A-WYZa-wyz])`,
    'g',
  ),
  accepts: isPhone,
  live: new RegExp(String.raw`[+(]{0,2}\d[\d${gaps}]{0,50}(?:x|e?xt?\.? ?\d{0,6})?[ -]{0,2}[A-Za-z]{0,7}$|[+(]{1,2}$`),
  longestLive: 80,
})

function isPhone(found: string, text: string, start: number): boolean {
  const [main = ''] = found.split(/ ?(?:x|ext)/)
  const digits = digitsOf(main)
  if (digits.length < 7 || digits.length > 15) return false
  if (isDate(main) || new Set(digits).size < 3) return false
  const words = before(text, start)
  if (notPhoneBefore.test(words)) return false
  // After `=`, in a link or in code, a name must say so.
  const plain = main.replaceAll(otherSpace, ' ').replaceAll(otherDash, '-')
  if (text[start - 1] !== '=' && written.some((form) => form.test(plain))) return true
  return (
    phoneBefore.some((said) => said.test(words)) ||
    phoneAfter.test(text.slice(start + found.length, start + found.length + 10))
  )
}

const otherSpace = new RegExp(`[${spaceSigns}]`, 'g')
const otherDash = new RegExp(`[${dashSigns}]`, 'g')

/** Forms in which hardly anything else is written. */
const written: readonly RegExp[] = [
  // ITU-T E.164: a plus and a country code; or two noughts and groups.
  /^\(?\+\(?[1-9][\d .()/-]{6,24}$/,
  /^00[ .-]?[1-9]\d{0,2}(?:[ .()/-]{1,2}\d{1,8}){1,6}$/,
  // North America: 3-3-4.
  /^(?:(?:00)?1[ .-]?)?\(?\d{3}\)[ .-]?\d{3}[ .-]?\d{4}$/,
  /^(?:(?:00)?1[ .-])?[2-9]\d{2}([.-])\d{3}\1\d{4}$/,
  /^0?\d{2}([.-])\d{3}\1\d{4}$/,
  // An area code in brackets.
  /^\(0?\d{1,4}\) ?\d{3,5}[ -]?\d{3,4}$/,
  // Russia: 8, and groups of two.
  /^8[ -]?\(\d{3}\)[ -]?\d{3}[ -]?\d{2}[ -]?\d{2}$/,
  // A leading nought and groups: most of Europe and Asia.
  /^0\d{1,4}(?:([ .-])\d{2,4})(?:\1\d{2,4}){1,4}$/,
  /^0\d{1,3}-\d{2,4}(?: \d{2,4}){1,3}$/,
  /^0\d{1,4}[ /-]\d{6,8}$/,
]

/** What is said before a number that is somebody's: verbs right before it, nouns of several languages shortly before it. */
const phoneBefore: readonly RegExp[] = [
  /\b(?:handy|sms|portable|ring|dial|(?:call|text(?!:)|reach|contact|phoning|calling)(?:ed|ing)?(?: (?:from|me|us|him|her|them|you))?(?: (?:at|on|back on|back at|up on|via))?|answering at|messages? (?:to|on|at)|my registered)(?: ?(?:number|no\.?|nr\.?|#|is|was|as|:|-|at|on|=))*[:\s"'(]{0,4}$/i,
  /(?:(?:\b|_|mobile|home|work|cell|office|contact)(?:t[ée]l[ée]?(?:ph|f)on[eo]?s?|phones?|phone_?(?:number|no)|celular|whatsapp|hotline|helpline|m[oó]vil|rufnummer|telefoonnummer|(?:telefon|handy|mobil)(?:nummer|nr)|(?:emergency )?contact (?:number|no)|emergency contact)(?![a-z])|电话|電話|手机|手機|телефон|тел\.)(?:[^\d\n,;{}|<>]{0,24}|[ \t]?[:：]\s{1,4})$/i,
  /\b(?:tel|t[ée]l|ph|mobile?|mob|cell|cellular|fax)(?![a-z])(?: ?(?:number|no\.?|nr\.?|phone|is|was|has been))*(?:[^\p{L}\d\n,;{}|<>]{0,8}|[ \t]?[:：]\s{1,4})$/iu,
  /\b(?:my|his|her|their|our) (?:new |old |home |work |office |private )?(?:number|no\.?|nr\.?)(?: is| was|:|\? it is|\? it[’']s)?[ :]{0,3}$/i,
  /(?:^|[\n|,;])[ \t]{0,2}(?:[TMFP]|Ph)[.:] ?$/,
]
const phoneAfter = /^[ -]{0,2}\(?(?:office|fax|mobile|cell|home|work|phone)\b/i
const notPhoneBefore =
  /\b(?:order|invoice|account|card|ticket|tracking|build|ref(?:erence)?|isbn|issn|ean|serial|id|ssn|iban|version|case|po|sku|port|pid|part|model|commit|batch|step|line|row|page|zip|item)(?: ?(?:number|no\.?|nr\.?|#|id|code))?(?: is)?[:#\s=]{0,3}$/i

function isDate(main: string): boolean {
  return /^(?:(?:19|20)\d{2}([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2(?:19|20)\d{2})\b/.test(main)
}
