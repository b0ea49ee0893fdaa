import type { Detector } from './detect/detector.ts'
import { afterEscape, applyJsonEdits, applyQuotedEdits, JsonStrings } from './json-text.ts'
import { applyEdits, editsOf, judgeText, type Edit, type Judged } from './judge-text.ts'
import { meantText } from './meant-text.ts'
import { cutEscapeAt } from './plain-escapes.ts'
import type { GuardRule } from './rule.ts'
import type { WindowRules } from './text-window.ts'

export interface RulesWindowSettings {
  readonly rules: readonly GuardRule[]
  /** What takes the place of what was found. */
  readonly write: (edit: Edit, found: string) => string
  /** Told of everything that was seen in a part before it is shown. May throw: then nothing of it is shown. */
  readonly note: (seen: readonly Judged[]) => void
  /**
   * The text is JSON as `plain-escapes.ts` leaves it: what is put into it stands within a string, and no escape may be cut. Any other may
   * be JSON all the same, and is looked at as what it would mean as well.
   */
  readonly isJsonText: boolean
}

/** What rules make of one text of a stream. */
export function windowRulesOf({ rules, write, note, isJsonText }: RulesWindowSettings): WindowRules {
  const detectors = new Set<Detector>(rules.flatMap((rule) => rule.detectors))
  const strings = new JsonStrings()
  const likeness = new JsonLikeness()
  const judge = isJsonText ? judgeText : judgeMeant
  const liveIn = isJsonText ? liveFrom : liveFromMeant
  const judged = remembered((text: string, seam: number) => judgeParts(rules, text, seam, judge))
  return {
    liveFrom: (text, seam) =>
      seam === 0
        ? liveIn(detectors, text)
        : Math.min(liveIn(detectors, text), seam + liveIn(detectors, text.slice(seam))),
    spans: judged,
    show: (text, from, until, seam) => {
      const seen = judged(text, seam).filter(
        ({ start, end }) => end <= until && (start >= from || (start < seam && end > Math.max(seam, from))),
      )
      note(seen)
      const part = text.slice(from, until)
      const isLikeJson = isJsonText || likeness.follow(part)
      const edits = editsOf(seen).map((edit) => {
        const { start } = isLikeJson ? afterEscape(text, edit) : edit
        return { ...edit, start: Math.max(0, start - from), end: edit.end - from }
      })
      if (isJsonText) return applyJsonEdits(part, edits, write, strings)
      return isLikeJson ? applyQuotedEdits(part, edits, write, strings) : applyEdits(part, edits, write)
    },
    closeOf: (text) => {
      const ends = [...detectors].flatMap((detector) => detector.closeOf?.(text) ?? [])
      return ends.length === 0 ? undefined : Math.min(...ends)
    },
  }
}

/** Whether a text is JSON, as far as its first two signs tell: only once it is whole would it be known. */
class JsonLikeness {
  #opening = ''

  /** Takes the next part of it. */
  follow(part: string): boolean {
    if (this.#opening.length < 2) this.#opening = (this.#opening + part.replaceAll(/\s/g, '')).slice(0, 2)
    return /^(?:\{["}]|\[[{["])/.test(this.#opening)
  }
}

/** Where that begins which may still become part of something that one of these finds, in a text that may go on. */
function liveFrom(detectors: ReadonlySet<Detector>, text: string): number {
  let live = text.length
  for (const detector of detectors) live = Math.min(live, detector.liveFrom(text))
  return live
}

/** As it is written, and as it is meant: what comes before an escape that is cut may go on with the sign that it will be. */
function liveFromMeant(detectors: ReadonlySet<Detector>, text: string): number {
  const live = liveFrom(detectors, text)
  if (!text.includes('\\')) return live
  const whole = text.slice(0, cutEscapeAt(text))
  const meant = meantText(whole)
  return Math.min(live, meant ? meant.placeOf(liveFrom(detectors, meant.text)) : liveFrom(detectors, whole))
}

/** Everything that rules see in a text as it is written, and as it is meant. Of the same, seen in both, what is meant counts. */
function judgeMeant(rules: readonly GuardRule[], text: string): readonly Judged[] {
  const written = judgeText(rules, text)
  const meant = meantText(text)
  if (!meant) return written
  const placed = judgeText(rules, meant.text).map((one) => ({
    ...one,
    start: meant.placeOf(one.start),
    end: meant.placeOf(one.end),
  }))
  if (placed.length === 0 || written.length === 0) return placed.length === 0 ? written : placed
  const isMeant = new Set<Judged>(placed)
  const kept: Judged[] = []
  const last = new Map<string, number>()
  for (const one of [...placed, ...written].toSorted(byStart)) {
    const key = `${one.rule.name} ${one.rule.owner?.level} ${one.kind}`
    const at = last.get(key)
    const other = at === undefined ? undefined : kept[at]
    if (at !== undefined && other && one.start < other.end && isMeant.has(one) !== isMeant.has(other)) {
      if (isMeant.has(one)) kept[at] = one
      continue
    }
    last.set(key, kept.length)
    kept.push(one)
  }
  return kept.toSorted(byStart)
}

function byStart(one: Judged, other: Judged): number {
  return one.start - other.start
}

/** A word that begins after the seam is one, whatever it would be with the word before. */
function judgeParts(
  rules: readonly GuardRule[],
  text: string,
  seam: number,
  judge: typeof judgeText,
): readonly Judged[] {
  const joined = judge(rules, text)
  if (seam === 0 || seam === text.length) return joined
  const known = Map.groupBy(joined, ({ start }) => start)
  const others = judge(rules, text.slice(seam))
    .map((one) => ({ ...one, start: one.start + seam, end: one.end + seam }))
    .filter((one) => known.get(one.start)?.some((other) => isSame(other, one)) !== true)
  return others.length === 0 ? joined : [...joined, ...others].toSorted(byStart)
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
