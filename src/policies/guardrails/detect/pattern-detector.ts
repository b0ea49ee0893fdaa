import type { Survey } from '../survey.ts'
import { lastWordFrom } from './text-end.ts'
import type { Detector, Finding } from './detector.ts'

export interface PatternSettings {
  readonly kind: string
  /**
   * With the flags `g` and `d` where a group is the finding. Every repetition in it is bounded, and none stands within another: V8
   * tries each start once, and each try costs no more than the bound.
   */
  readonly pattern: RegExp
  /** A text without any of this holds none: looked for first, since it is cheap. */
  readonly hint?: RegExp
  /** Whether a match is one: checksums, ranges, words around it. Absent: always. */
  readonly accepts?: (found: string, text: string, start: number) => boolean
  /** Matches, at the end of a text, all that may be the beginning of a finding. Ends in `$`. */
  readonly live: RegExp
  /** No match of `live` is longer. */
  readonly longestLive: number
  /** No match of `live` holds a space: only the last word is looked at. */
  readonly isOneWord?: boolean
  /** No match of `pattern` has fewer digits, each with at most two other signs before the next. A text without so many in a row holds none. 4 to 14. */
  readonly fewestDigits?: number
}

/** A detector that is a regular expression and a check. A group named `it` is the finding; else the whole match. */
export function patternDetector(settings: PatternSettings): Detector {
  const { kind, pattern, hint, accepts, live, longestLive, isOneWord = false, fewestDigits } = settings
  return {
    kind,
    find(text) {
      if (hint && !hint.test(text)) return []
      const findings: Finding[] = []
      for (const match of text.matchAll(pattern)) {
        const [start, end] = match.indices?.groups?.['it'] ?? [match.index, match.index + match[0].length]
        if (accepts?.(text.slice(start, end), text, start) ?? true) findings.push({ kind, start, end })
      }
      return findings
    },
    ...(fewestDigits !== undefined && { mayBeIn: (survey: Survey) => survey.longestNumber >= fewestDigits }),
    liveFrom(text) {
      const from = isOneWord ? lastWordFrom(text, longestLive) : Math.max(0, text.length - longestLive)
      const match = live.exec(from === 0 ? text : text.slice(from))
      return match ? from + match.index : text.length
    },
  }
}

/** What people and their programs put between groups of digits: spaces that break no line, and dashes of every length. For a class. */
export const spaceSigns = String.raw` \u00a0\u2007\u2009\u202f`
export const dashSigns = String.raw`\u2010-\u2013-`

/** The words shortly before a place, for what is only told by them. */
export function before(text: string, start: number, length = 48): string {
  return text.slice(Math.max(0, start - length), start)
}
