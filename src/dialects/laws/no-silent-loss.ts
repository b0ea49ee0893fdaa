import { isJsonObject, type JsonObject } from '../../canonical/json.ts'
import type { WriteSettings } from '../translation.ts'
import { isBelow } from '../shared/free-form.ts'
import { fieldOutcomes, type FieldOutcome } from './field-outcomes.ts'
import { HeardBody, hearing, told, type Translated } from './heard-body.ts'
import { holds, patternOf, spell, withStrings, type Path } from './json-places.ts'
import type { NeedlessPlace } from './material.ts'
import {
  attempt,
  mayHear,
  targetsOf,
  translatable,
  type Bench,
  type Failure,
  type Law,
  type Side,
  type Subject,
  type Trial,
} from './law.ts'
import { watchedSettings, widestSettings, writeSettings } from './retell.ts'
import { short } from './round-trip.ts'

/** What cannot be said in the other dialect is named as a loss, for every field of every body. */
export const noSilentLoss: readonly Law[] = [
  { name: 'no silent loss of a field of a call', trials: (bench) => fieldTrials(bench, 'call') },
  { name: 'no silent loss of a text of a call', trials: (bench) => textTrials(bench, 'call') },
  { name: 'no silent loss of a field of an answer', trials: (bench) => fieldTrials(bench, 'answer') },
  { name: 'no silent loss of a text of an answer', trials: (bench) => textTrials(bench, 'answer') },
]

function* fieldTrials(bench: Bench, side: Side): Generator<Trial> {
  const { subject, material, note } = bench
  const isFreeForm = freeFormOf(bench, side)
  const needless = material.needless?.[side]
  const hear = hearing(subject.translation, side)
  for (const { id, body, hearers } of bodiesOf(bench, side)) {
    const heard = new HeardBody(body, isFreeForm, hear)
    for (const other of hearers)
      yield {
        id,
        to: other.name,
        failures: attempt('translating', function* () {
          // `undefined`: the whole body is refused by name, which is loud enough.
          const outcomesBy = (settings: WriteSettings) =>
            fieldOutcomes(heard, (one) => told(one, other.translation, settings), material, needless) ?? []
          const plain = watchedSettings()
          const outcomes = outcomesBy(plain.settings)
          note?.({ from: subject.name, to: other.name, side, outcomes })
          yield* silentOnes(outcomes, '')
          if (plain.wereWordsAsked()) yield* silentOnes(outcomesBy(widestSettings), ' (to a target with every word)')
        }),
      }
  }
}

function* silentOnes(outcomes: readonly FieldOutcome[], where: string): Generator<Failure> {
  const silent = outcomes.filter(({ outcome }) => outcome === 'silent')
  for (const [pattern, [first]] of Map.groupBy(silent, (one) => one.pattern))
    yield { what: `${pattern}${where}`, detail: `${spell(first?.path ?? [])} is lost silently` }
}

function* textTrials(bench: Bench, side: Side): Generator<Trial> {
  const isFreeForm = freeFormOf(bench, side)
  const hear = hearing(bench.subject.translation, side)
  const needless = bench.material.needless?.[side] ?? []
  for (const { id, body, hearers } of bodiesOf(bench, side)) {
    const marked = markedIn(body, isFreeForm, needless)
    const heard = new HeardBody(marked.body, isFreeForm, hear)
    for (const other of hearers)
      yield {
        id,
        to: other.name,
        failures: attempt('translating', function* () {
          const whole = heard.without()
          const result = whole && told(whole, other.translation, writeSettings)
          if (result) yield* unheardMarks(marked.marks, result)
        }),
      }
  }
}

type Marks = ReadonlyMap<string, { readonly path: Path; readonly text: string }>

/** The body with a mark of its own in each text, by which that one is found again. */
function markedIn(
  body: JsonObject,
  isFreeForm: (path: Path) => boolean,
  needless: readonly NeedlessPlace[],
): { readonly body: JsonObject; readonly marks: Marks } {
  const marks = new Map<string, { readonly path: Path; readonly text: string }>()
  const marked = withStrings(body, (text, path) => {
    if (!isText(path, isFreeForm) || text === '') return text
    if (needless.some(({ pattern }) => holds(pattern, patternOf(path)))) return text
    const mark = isName(path) ? `zq${marks.size}name` : `zq${marks.size}text`
    const known = isName(path) ? [...marks].find(([, one]) => one.text === text && isName(one.path))?.[0] : undefined
    marks.set(known ?? mark, { path, text })
    return withMark(text, known ?? mark)
  })
  return { body: isJsonObject(marked) ? marked : body, marks }
}

function* unheardMarks(marks: Marks, { body, losses }: Translated): Generator<Failure> {
  const text = JSON.stringify(body)
  for (const [mark, { path, text: said }] of marks)
    if (!text.includes(mark) && !losses.some((loss) => holds(loss.path, spell(path))))
      yield { what: patternOf(path), detail: `${spell(path)}: ${short(said)} is neither told nor named as a loss` }
}

/** Words for people and names of their own making; not the words of the dialect, which a mark would break. */
function isText(path: Path, isFreeForm: (path: Path) => boolean): boolean {
  const key = path.findLast((step) => typeof step === 'string')
  return (
    textKeys.has(key ?? '') ||
    path.some((_, index) => index > 0 && isFreeForm(path.slice(0, index + 1)) && key === 'description')
  )
}

const textKeys: ReadonlySet<string> = new Set(
  (
    'content text thinking refusal reasoning_content description system stop stop_sequences ' +
    'name id tool_call_id tool_use_id title context filename user user_id'
  ).split(' '),
)

/** Tools and their uses find each other by these: equal ones stay equal. */
function isName(path: Path): boolean {
  return nameKeys.has(String(path.at(-1)))
}

const nameKeys: ReadonlySet<string> = new Set(['name', 'id', 'tool_call_id', 'tool_use_id'])

function withMark(text: string, mark: string): string {
  return `${text}${mark}`
}

interface BodyHeard {
  readonly id: string
  readonly body: JsonObject
  /** The dialects that it may be told in. */
  readonly hearers: readonly Subject[]
}

function bodiesOf(bench: Bench, side: Side): readonly BodyHeard[] {
  if (side === 'call') {
    const hearers = targetsOf(bench)
    return translatable(bench).map((one) => ({ ...one, hearers }))
  }
  const { subject, exchanges, others } = bench
  return exchanges.answers.map(({ id, body }) => {
    const { events } = subject.translation.readAnswer(body)
    return { id, body, hearers: others.filter((other) => mayHear(other, events)) }
  })
}

function freeFormOf({ subject, material }: Bench, side: Side): (path: Path) => boolean {
  return side === 'call' ? (path) => subject.isFreeForm(path) : (path) => isBelow(path, material.freeFormInAnswers)
}
