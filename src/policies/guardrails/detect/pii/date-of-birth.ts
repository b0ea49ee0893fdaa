import { before, patternDetector } from '../pattern-detector.ts'

const months =
  'jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?'

/** A date that words before it call somebody's birth. Other dates are nobody's. */
export const dateOfBirth = patternDetector({
  kind: 'date-of-birth',
  fewestDigits: 4,
  hint: /b(?:orn|irth|day)|dob|n[ée]e? le|geb|nacid|nascimento|nato il/i,
  pattern: new RegExp(
    String.raw`(?<![\w.-])(?:\d{1,2}([-/. ])\d{1,2}\1(?:19|20)?\d{2}|(?:19|20)\d{2}([-/. ])\d{1,2}\2\d{1,2}|\d{1,2}(?:st|nd|rd|th)? (?:of )?(?:${months})\.?,? (?:19|20)\d{2}|(?:${months})\.? \d{1,2}(?:st|nd|rd|th)?,? (?:19|20)\d{2})(?![\w-])`,
    'gi',
  ),
  accepts: (_found, text, start) => bornBefore.test(before(text, start)),
  live: new RegExp(
    String.raw`(?<![\w.-])(?:\d{1,4}(?:st|nd|rd|th)?[-/. ,]{0,2}(?:[\d/.-]{0,6}|(?:of )?[a-z]{0,9}[ .,]{0,2}\d{0,4}(?:st|nd|rd|th)?,? ?\d{0,4})|[a-z]{1,9}\.?(?: \d{0,2}(?:st|nd|rd|th|s|n|r|t)?,? ?\d{0,4})?)$`,
    'i',
  ),
  longestLive: 28,
})

const bornBefore =
  /\b(?:born|birth ?(?:date|day)?|date of birth|d\.?o\.?b\.?|n[ée]e? le|geb(?:oren|urtsdatum|\.)?|naci(?:d[oa]|miento)|nascimento|nat[oa] il)\b[^\n\d]{0,24}$/i
