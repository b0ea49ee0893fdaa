import { before, patternDetector } from '../pattern-detector.ts'

/** A number that the word before it calls a passport's. */
export const passport = patternDetector({
  kind: 'passport',
  isOneWord: true,
  hint: /pass(?:port|eport|aporte)|reisepass/i,
  pattern: /(?<![\w-])(?=[A-Z]{0,7}\d[A-Z\d]{0,7}\d)[A-Z\d]{6,9}(?![\w-])/gi,
  accepts: (_found, text, start) =>
    /\b(?:pass(?:port|eport|aporte)|reisepass)\w{0,6}(?: ?(?:number|no\.?|nr\.?|num|#|is|was|id))*[^\w\n]{0,4}$/i.test(
      before(text, start),
    ),
  live: /(?<![\w-])[A-Z\d]{1,9}$/i,
  longestLive: 9,
})
