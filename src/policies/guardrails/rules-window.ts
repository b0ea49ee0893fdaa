import type { Detector } from './detect/detector.ts'
import { afterEscape, applyJsonEdits, JsonStrings } from './json-text.ts'
import { applyEdits, editsOf, judgeText, type Edit, type Judged } from './judge-text.ts'
import type { GuardRule } from './rule.ts'
import type { WindowRules } from './text-window.ts'

export interface RulesWindowSettings {
  readonly rules: readonly GuardRule[]
  /** What takes the place of what was found. */
  readonly write: (edit: Edit, found: string) => string
  /** Told of everything that was seen in a part before it is shown. May throw: then nothing of it is shown. */
  readonly note: (seen: readonly Judged[]) => void
  /** The text is JSON as a model writes it: what is put into it stands within a string, and no escape may be cut. */
  readonly isJsonText: boolean
}

/** What rules make of one text of a stream. */
export function windowRulesOf({ rules, write, note, isJsonText }: RulesWindowSettings): WindowRules {
  const detectors = new Set<Detector>(rules.flatMap((rule) => rule.detectors))
  const strings = new JsonStrings()
  const judged = remembered((text: string, seam: number) => judgeParts(rules, text, seam))
  return {
    liveFrom: (text, seam) =>
      seam === 0
        ? liveFrom(detectors, text)
        : Math.min(liveFrom(detectors, text), seam + liveFrom(detectors, text.slice(seam))),
    spans: judged,
    show: (text, from, until, seam) => {
      const seen = judged(text, seam).filter(
        ({ start, end }) => end <= until && (start >= from || (start < seam && end > Math.max(seam, from))),
      )
      note(seen)
      const edits = editsOf(seen).map((edit) => {
        const { start } = isJsonText ? afterEscape(text, edit) : edit
        return { ...edit, start: Math.max(0, start - from), end: edit.end - from }
      })
      const part = text.slice(from, until)
      return isJsonText ? applyJsonEdits(part, edits, write, strings) : applyEdits(part, edits, write)
    },
    closeOf: (text) => {
      const ends = [...detectors].flatMap((detector) => detector.closeOf?.(text) ?? [])
      return ends.length === 0 ? undefined : Math.min(...ends)
    },
  }
}

/** Where that begins which may still become part of something that one of these finds, in a text that may go on. */
function liveFrom(detectors: ReadonlySet<Detector>, text: string): number {
  let live = text.length
  for (const detector of detectors) live = Math.min(live, detector.liveFrom(text))
  return live
}

/** A word that begins after the seam is one, whatever it would be with the word before. */
function judgeParts(rules: readonly GuardRule[], text: string, seam: number): readonly Judged[] {
  const joined = judgeText(rules, text)
  if (seam === 0 || seam === text.length) return joined
  const known = Map.groupBy(joined, ({ start }) => start)
  const others = judgeText(rules, text.slice(seam))
    .map((one) => ({ ...one, start: one.start + seam, end: one.end + seam }))
    .filter((one) => known.get(one.start)?.some((other) => isSame(other, one)) !== true)
  return others.length === 0 ? joined : [...joined, ...others].toSorted((one, other) => one.start - other.start)
}

/** Of two that begin at one place. */
function isSame(one: Judged, other: Judged): boolean {
  return one.rule === other.rule && one.kind === other.kind && one.end === other.end
}

/** The same text is asked about several times in a row. */
function remembered<T>(make: (text: string, seam: number) => T): (text: string, seam: number) => T {
  let last: { readonly text: string; readonly seam: number; readonly made: T } | undefined
  return (text, seam) => {
    if (last?.text !== text || last.seam !== seam) last = { text, seam, made: make(text, seam) }
    return last.made
  }
}
