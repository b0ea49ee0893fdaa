import { isJsonObject, type JsonObject } from '../../canonical/json.ts'
import type { ChatTranslation, WriteSettings } from '../translation.ts'
import { isBelow } from '../free-form.ts'
import { fieldOutcomes, translated, type FieldOutcome, type Translate } from './field-outcomes.ts'
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
import { answerSettings, widestSettings, writeSettings } from './retell.ts'
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
  for (const other of hearersOf(bench, side)) {
    const translate = translateTo(subject.translation, other.translation, side)
    for (const { id, body } of bodiesOf(bench, side, other))
      yield {
        id,
        to: other.name,
        failures: attempt('translating', function* () {
          // `undefined`: the whole body is refused by name, which is loud enough.
          const outcomes = fieldOutcomes(body, isFreeForm, translate, material, needless) ?? []
          note?.({ from: subject.name, to: other.name, side, outcomes })
          yield* silentOnes(outcomes, '')
          if (side === 'answer') return
          const wide = translateTo(subject.translation, other.translation, side, widestSettings)
          yield* silentOnes(
            fieldOutcomes(body, isFreeForm, wide, material, needless) ?? [],
            ' (to a target with every word)',
          )
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
  for (const other of hearersOf(bench, side)) {
    const translate = translateTo(bench.subject.translation, other.translation, side)
    const isFreeForm = freeFormOf(bench, side)
    const needless = bench.material.needless?.[side]
    for (const { id, body } of bodiesOf(bench, side, other))
      yield {
        id,
        to: other.name,
        failures: attempt('translating', () => unheardMarks(body, isFreeForm, translate, needless)),
      }
  }
}

function* unheardMarks(
  body: JsonObject,
  isFreeForm: (path: Path) => boolean,
  translate: Translate,
  needless: readonly NeedlessPlace[] = [],
): Generator<Failure> {
  const marks = new Map<string, { readonly path: Path; readonly text: string }>()
  const marked = withStrings(body, (text, path) => {
    if (!isText(path, isFreeForm) || text === '') return text
    if (needless.some(({ pattern }) => holds(pattern, patternOf(path)))) return text
    const mark = isName(path) ? `zq${marks.size}name` : `zq${marks.size}text`
    const known = isName(path) ? [...marks].find(([, one]) => one.text === text && isName(one.path))?.[0] : undefined
    marks.set(known ?? mark, { path, text })
    return withMark(text, known ?? mark)
  })
  const result = isJsonObject(marked) ? translated(marked, translate) : undefined
  if (result === undefined) return
  const told = JSON.stringify(result.body)
  for (const [mark, { path, text }] of marks)
    if (!told.includes(mark) && !result.losses.some((loss) => holds(loss.path, spell(path))))
      yield { what: patternOf(path), detail: `${spell(path)}: ${short(text)} is neither told nor named as a loss` }
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

function hearersOf(bench: Bench, side: Side): readonly Subject[] {
  return side === 'call' ? targetsOf(bench) : bench.others
}

function bodiesOf(
  bench: Bench,
  side: Side,
  other: Subject,
): readonly { readonly id: string; readonly body: JsonObject }[] {
  if (side === 'call') return translatable(bench)
  const { subject, exchanges } = bench
  return exchanges.answers.filter(({ body }) => mayHear(other, subject.translation.readAnswer(body).events))
}

function freeFormOf({ subject, material }: Bench, side: Side): (path: Path) => boolean {
  return side === 'call' ? (path) => subject.isFreeForm(path) : (path) => isBelow(path, material.freeFormInAnswers)
}

export function translateTo(
  from: ChatTranslation,
  to: ChatTranslation,
  side: Side,
  settings: WriteSettings = writeSettings,
): Translate {
  return side === 'call'
    ? (body, losses) => to.writeChat(from.readChat(body), losses, settings)
    : (body, losses) => to.writeAnswer(from.readAnswer(body), losses, answerSettings())
}
