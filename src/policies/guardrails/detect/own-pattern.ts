import { RE2JS } from 're2js'
import { reasonOf } from '../../../canonical/reason-of.ts'
import type { Detector, Finding } from './detector.ts'

export interface OwnPattern {
  readonly name: string
  readonly pattern: string
  readonly longest: number
  readonly ignoreCase: boolean
}

export type ReadPattern =
  | { readonly ok: true; readonly detector: Detector }
  | { readonly ok: false; readonly problem: string }

/**
 * A regular expression of an operator, in an engine that takes linear time whatever it is (failures.md N9). What is longer than
 * `longest` is no finding, so that a stream knows how much to hold back.
 */
export function ownPattern({ name, pattern, longest, ignoreCase }: OwnPattern): ReadPattern {
  let compiled: RE2JS
  try {
    compiled = RE2JS.compile(pattern, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0)
  } catch (thrown) {
    return { ok: false, problem: reasonOf(thrown) }
  }
  if (compiled.matches('')) return { ok: false, problem: 'matches the empty text' }
  const detector: Detector = {
    kind: name,
    find(text) {
      const findings: Finding[] = []
      const matcher = compiled.matcher(text)
      while (matcher.find()) {
        const [start, end] = [matcher.start(), matcher.end()]
        if (end > start && end - start <= longest) findings.push({ kind: name, start, end })
      }
      return findings
    },
    // What the words after a match may still change is not known: so much waits.
    liveFrom: (text) => Math.max(0, text.length - longest),
  }
  return { ok: true, detector }
}
