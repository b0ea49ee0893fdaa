import { z } from 'zod'
import { detectorsFor, families, type Family } from './catalog.ts'
import type { Detector, Finding } from './detect/detector.ts'
import { findAll } from './detect/find-all.ts'
import { languageDetector } from './detect/language.ts'
import { termsDetector } from './detect/terms.ts'
import { readHosts } from './detect/url-hosts.ts'
import { urlDetector } from './detect/urls.ts'
import { wasLearnt } from './injection/classifier.ts'

/** One line of an evaluation set. */
const rowSchema = z.object({
  set: z.enum(families),
  /** 1: something is in it. 0: nothing is. */
  label: z.union([z.literal(0), z.literal(1)]),
  kind: z.string(),
  text: z.string().optional(),
  /** In place of `text`: base64, so that scanners of repositories stay quiet. */
  textB64: z.string().optional(),
  spans: z
    .array(z.object({ type: z.string(), start: z.number(), end: z.number() }))
    .readonly()
    .optional(),
})
export type EvaluationRow = z.infer<typeof rowSchema>

/** How often a kind was found where it is (`hit`), not found (`missed`), and found where nothing is (`false`). */
export interface KindScore {
  readonly kind: string
  readonly hit: number
  readonly missed: number
  readonly false: number
  readonly precision: number
  readonly recall: number
  readonly f1: number
}

/** How a family did on one set of texts. */
export interface SetScore {
  readonly set: Family
  /** Spans of personal data; of the others whole texts, by where they come from. */
  readonly kinds: readonly KindScore[]
  readonly all: KindScore
  /** Texts that must pass, and how many of them did not. */
  readonly mustPass: number
  readonly alarms: number
  /** Texts that the classifier was trained on: it is not scored on those. */
  readonly learnt: number
  readonly megabytesPerSecond: number
}

/** What the public sets call the kinds that are scored, beside our own names; other spans are neither hit nor miss. */
const kindOfSpan: Readonly<Record<string, string>> = {
  CREDIT_CARD: 'card',
  EMAIL_ADDRESS: 'email',
  IBAN_CODE: 'iban',
  US_SSN: 'us-ssn',
  IP_ADDRESS: 'ip-address',
  PHONE_NUMBER: 'phone',
  PERSON: 'person-name',
  STREET_ADDRESS: 'postal-address',
  ADDRESS: 'postal-address',
}
const spanKinds: readonly string[] = [...new Set(Object.values(kindOfSpan))]

/** A line of a set is no row of one. What stands in it is not told: it may be personal data. */
export class NoRow extends Error {
  override readonly name = 'NoRow'
  /** From 1. */
  readonly line: number

  constructor(line: number, message: string) {
    super(message)
    this.line = line
  }
}

/**
 * Reads a set: a JSON object a line.
 * @throws NoRow for the first line that is none.
 */
export function readRows(text: string): readonly EvaluationRow[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return []
    const told = jsonOf(line)
    if (told === undefined) throw new NoRow(index + 1, 'this line is no JSON; write one object a line')
    const read = rowSchema.safeParse(told)
    if (read.success) return [read.data]
    const wrong = read.error.issues.map(({ path, message }) => [...path, message].join(': '))
    throw new NoRow(index + 1, `this line is no row of a set; ${wrong.join(', ')}`)
  })
}

/** `undefined`: it is no JSON. The parser's own message shows a part of the text. */
function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/**
 * Scores what is built in against marked texts.
 * @param monotonicMs for the speed.
 * @param also kinds of no family that are looked for among personal data.
 */
export function evaluate(
  rows: readonly EvaluationRow[],
  monotonicMs: () => number,
  also: readonly string[] = [],
): readonly SetScore[] {
  const sets = [...new Set(rows.map(({ set }) => set))]
  return sets.map((set) => {
    const all = rows.filter((row) => row.set === set).map((row) => ({ ...row, text: textOf(row) }))
    const ofSet = set === 'injection' ? all.filter(({ text }) => !wasLearnt(text)) : all
    const detectors = detectorsFor(set === 'pii' ? [set, ...also] : [set], [])
    const scored = new Set(spanKinds.filter((kind) => detectors.some((detector) => detector.kind === kind)))
    const counts = new Map<string, { hit: number; missed: number; false: number }>()
    const count = (kind: string, what: 'hit' | 'missed' | 'false') => {
      const of = counts.get(kind) ?? { hit: 0, missed: 0, false: 0 }
      of[what] += 1
      counts.set(kind, of)
    }
    let alarms = 0
    const startedMs = monotonicMs()
    const found = ofSet.map(({ text }) => findAll(detectors, text))
    const tookMs = monotonicMs() - startedMs
    for (const [place, row] of ofSet.entries()) {
      const findings = found[place] ?? []
      if (row.label === 0) {
        if (findings.length > 0) alarms += 1
        continue
      }
      if (set === 'pii') scoreSpans(row, findings, scored, count)
      else count(row.kind.split(':')[0] ?? row.kind, findings.length > 0 ? 'hit' : 'missed')
    }
    const bytes = ofSet.reduce((sum, { text }) => sum + text.length, 0)
    const total = { hit: 0, missed: 0, false: set === 'pii' ? 0 : alarms }
    for (const { hit, missed, false: wrong } of counts.values()) {
      total.hit += hit
      total.missed += missed
      total.false += wrong
    }
    return {
      set,
      kinds: [...counts].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([kind, of]) => scoreOf(kind, of)),
      all: scoreOf('all', total),
      mustPass: ofSet.filter(({ label }) => label === 0).length,
      alarms,
      learnt: all.length - ofSet.length,
      megabytesPerSecond: tookMs === 0 ? 0 : bytes / tookMs / 1_000,
    }
  })
}

/** A span is hit by a finding of its kind that covers at least half of it; a finding that touches no span is a false one. */
function scoreSpans(
  { spans = [] }: EvaluationRow,
  findings: readonly Finding[],
  scored: ReadonlySet<string>,
  count: (kind: string, what: 'hit' | 'missed' | 'false') => void,
): void {
  for (const { type, start, end } of spans) {
    const kind = kindOfSpan[type] ?? type
    if (!scored.has(kind)) continue
    const isHit = findings.some(
      (one) => one.kind === kind && Math.min(one.end, end) - Math.max(one.start, start) >= (end - start) / 2,
    )
    count(kind, isHit ? 'hit' : 'missed')
  }
  for (const { kind, start, end } of findings)
    if (scored.has(kind) && !spans.some((one) => one.start < end && start < one.end)) count(kind, 'false')
}

function scoreOf(
  kind: string,
  counts: { readonly hit: number; readonly missed: number; readonly false: number },
): KindScore {
  const { hit, missed, false: wrong } = counts
  const ratio = (part: number, whole: number) => (whole === 0 ? 1 : part / whole)
  return {
    kind,
    ...counts,
    precision: ratio(hit, hit + wrong),
    recall: ratio(hit, hit + missed),
    f1: ratio(2 * hit, 2 * hit + missed + wrong),
  }
}

function textOf({ text, textB64 }: EvaluationRow): string {
  return text ?? Buffer.from(textB64 ?? '', 'base64').toString()
}

/** What rules find by their own lists, for a measure of its speed. */
export function configuredDetectors(): readonly Detector[] {
  const hosts = readHosts(['example.com', '*.example.org'])
  return [
    termsDetector(['Project Titan', 'unannounced']),
    ...(hosts.ok ? [urlDetector({ allow: hosts.list, deny: undefined })] : []),
    languageDetector(['en']),
  ]
}

/** So much of the worst case is looked at, in UTF-16 units. */
export const worstLength = 1_000_000

/** The worst that each detector can meet: so much text that nearly is what it looks for, over and over. */
export function worstSpeeds(
  detectors: readonly Detector[],
  monotonicMs: () => number,
): readonly { readonly kind: string; readonly worst: string; readonly megabytesPerSecond: number }[] {
  const length = worstLength
  return detectors.map((detector) => {
    let slowest = { worst: '', ms: 0 }
    for (const [worst, unit] of Object.entries(nearly)) {
      const text = unit.repeat(Math.ceil(length / unit.length)).slice(0, length)
      const startedMs = monotonicMs()
      detector.find(text)
      const ms = monotonicMs() - startedMs
      if (ms > slowest.ms) slowest = { worst, ms }
    }
    return {
      kind: detector.kind,
      worst: slowest.worst,
      megabytesPerSecond: slowest.ms === 0 ? 0 : length / slowest.ms / 1_000,
    }
  })
}

/** What is nearly something, by what it is of. */
export const nearly: Readonly<Record<string, string>> = {
  letters: 'a',
  digits: '1',
  groups: '1234 ',
  ats: 'a@',
  addresses: 'a@b.',
  hex: 'ab:',
  dots: '1.1.',
  dashes: '-----BEGIN ',
  schemes: 'a://a:',
  links: '](//',
  names: 'Ada van ',
  titles: 'Dr. ',
  streets: '12 Main ',
  assignments: 'password="',
  tokens: 'sk-ant-',
  base64: 'eyJa.',
  words: 'the quick brown fox ',
  accounts: 'GB82 WEST ',
}
