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
  const judged = remembered((text: string) => judgeText(rules, text))
  return {
    liveFrom: (text) => liveFrom(detectors, text),
    spans: judged,
    show: (text, from, until) => {
      const seen = judged(text).filter(({ start, end }) => start >= from && end <= until)
      note(seen)
      const edits = editsOf(seen).map((edit) => {
        const { start } = isJsonText ? afterEscape(text, edit) : edit
        return { ...edit, start: start - from, end: edit.end - from }
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

/** The same text is asked about several times in a row. */
function remembered<T>(make: (text: string) => T): (text: string) => T {
  let last: { readonly text: string; readonly made: T } | undefined
  return (text) => {
    if (last?.text !== text) last = { text, made: make(text) }
    return last.made
  }
}
