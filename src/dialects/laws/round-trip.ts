import { isJsonObject, type Json } from '../../canonical/json.ts'
import { Losses } from '../../canonical/loss.ts'
import { isBelow } from '../shared/free-form.ts'
import type { Frame } from './exchanges.ts'
import { differencesOf, patternOf, spell, withUnknownFields, type Path } from './json-places.ts'
import { attempt, type Bench, type Failure, type Law, type Trial } from './law.ts'
import { endsWell } from './meanings.ts'
import { answerSettings, retell, valueOf, valuesIn, valuesOf, writeSettings } from './retell.ts'

/** What nobody touched goes back to its own dialect as the same JSON, fields that nobody knows included. */
export const roundTrip: readonly Law[] = [
  { name: 'round trip of a call', trials: ofCalls },
  { name: 'round trip of an answer', trials: ofAnswers },
  { name: 'round trip of a stream', trials: ofStreams },
]

function* ofCalls({ subject, exchanges }: Bench): Generator<Trial> {
  const { readChat, writeChat } = subject.translation
  for (const { id, body } of exchanges.calls) {
    const strange = withUnknownFields(body, (path) => subject.isFreeForm(path))
    yield { id, failures: [...check('as it is', body), ...check('with unknown fields', strange)] }
  }

  function check(what: string, body: Json): readonly Failure[] {
    return attempt(what, function* () {
      if (!isJsonObject(body)) return
      const losses = new Losses()
      yield* differences(what, body, writeChat(readChat(body), losses, writeSettings))
      for (const { path } of losses.list()) yield { what: `${what}: names a loss`, detail: path }
    })
  }
}

function* ofAnswers({ subject, exchanges, material }: Bench): Generator<Trial> {
  const { readAnswer, writeAnswer } = subject.translation
  const isFreeForm = (path: Path) => isBelow(path, material.freeFormInAnswers)
  for (const { id, body } of exchanges.answers) {
    const strange = withUnknownFields(body, isFreeForm)
    yield { id, failures: [...check('as it is', body), ...check('with unknown fields', strange)] }
  }

  function check(what: string, body: Json): readonly Failure[] {
    return attempt(what, function* () {
      if (!isJsonObject(body)) return
      const losses = new Losses()
      yield* differences(what, body, writeAnswer(readAnswer(body), losses, answerSettings()))
      for (const { path } of losses.list()) yield { what: `${what}: names a loss`, detail: path }
    })
  }
}

function* ofStreams({ subject, exchanges }: Bench): Generator<Trial> {
  const { translation } = subject
  for (const { id, frames } of exchanges.streams) {
    if (!endsWell(subject, frames)) continue
    const strange = frames.map(({ event, data }) => ({ event, data: JSON.stringify(strangeFrame(valueOf(data))) }))
    const untouched = strange.map((frame, index) =>
      frames[index]?.data.startsWith('{') ? frame : (frames[index] ?? frame),
    )
    yield { id, failures: [...check('as it is', frames), ...check('with unknown fields', untouched)] }
  }

  function check(what: string, frames: readonly Frame[]): readonly Failure[] {
    return attempt(what, function* () {
      const losses = new Losses()
      const told = valuesIn(retell(translation, translation, frames, answerSettings(), losses))
      yield* differences(what, valuesOf(frames), told)
      for (const { path } of losses.list()) yield { what: `${what}: names a loss`, detail: path }
    })
  }
}

export function* differences(what: string, left: Json, right: Json): Generator<Failure> {
  let count = 0
  for (const { path, left: before, right: after } of differencesOf(left, right)) {
    if (++count > mostDifferences) return
    yield { what: `${what}: ${patternOf(path)}`, detail: `${spell(path)}: ${short(before)} became ${short(after)}` }
  }
}

/** Beyond these a body is simply another one. */
const mostDifferences = 5

export function short(value: Json | undefined): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length > 160 ? `${text.slice(0, 160)}...` : text
}

function strangeFrame(value: Json): Json {
  return withUnknownFields(value, () => false)
}
