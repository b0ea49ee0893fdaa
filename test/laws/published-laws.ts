import { isJsonObject } from '../../src/canonical/json.ts'
import { Losses } from '../../src/canonical/loss.ts'
import { framesIn } from '../../src/dialects/laws/exchanges.ts'
import {
  attempt,
  mayHear,
  targetsOf,
  translatable,
  type Bench,
  type Failure,
  type Law,
  type Subject,
  type Trial,
} from '../../src/dialects/laws/law.ts'
import { unlessRefused } from '../../src/dialects/laws/heard-body.ts'
import { endsWell } from '../../src/dialects/laws/meanings.ts'
import { eventsOf } from '../../src/dialects/laws/stream-is-body.ts'
import { answerSettings, objectsOf, retell, writeSettings } from '../../src/dialects/laws/retell.ts'
import type { PublishedSchemas } from './published-schemas.ts'

/** What is translated is what the other API's published description takes and gives. */
export function publishedLaws(
  schemasByDialect: Readonly<Record<string, PublishedSchemas | undefined>>,
): readonly Law[] {
  return [
    { name: 'a translated call is as published', trials: (bench) => trials(bench, targetsOf(bench), calls) },
    { name: 'a translated answer is as published', trials: (bench) => trials(bench, bench.others, answers) },
    { name: 'a translated stream is as published', trials: (bench) => trials(bench, bench.others, streams) },
  ]

  function* trials(bench: Bench, others: readonly Subject[], cases: typeof calls): Generator<Trial> {
    for (const other of others) {
      const schemas = schemasByDialect[other.name]
      if (!schemas) continue
      for (const { id, objections } of cases(bench, other, schemas))
        yield { id, to: other.name, failures: attempt('translating', () => objections().map(asFailure)) }
    }
  }
}

interface Case {
  readonly id: string
  readonly objections: () => readonly string[]
}

function calls(bench: Bench, { translation }: Subject, { call }: PublishedSchemas): readonly Case[] {
  const { readChat } = bench.subject.translation
  return translatable(bench).map(({ id, body }) => ({
    id,
    objections: () => {
      const written = unlessRefused(() => translation.writeChat(readChat(body), new Losses(), writeSettings))
      return written === undefined ? [] : call(written)
    },
  }))
}

function answers({ subject, exchanges }: Bench, other: Subject, { answer }: PublishedSchemas): readonly Case[] {
  return exchanges.answers
    .map(({ id, body }) => ({ id, heard: subject.translation.readAnswer(body) }))
    .filter(({ heard }) => mayHear(other, heard.events))
    .map(({ id, heard }) => ({
      id,
      objections: () => answer(other.translation.writeAnswer(heard, new Losses(), answerSettings())),
    }))
}

function streams({ subject, exchanges }: Bench, other: Subject, { frame }: PublishedSchemas): readonly Case[] {
  return exchanges.streams
    .filter(({ frames }) => endsWell(subject, frames) && mayHear(other, eventsOf(subject.translation, frames)))
    .map(({ id, frames }) => ({
      id,
      objections: () => {
        const text = retell(subject.translation, other.translation, frames, answerSettings())
        return objectsOf(framesIn(Buffer.from(text))).flatMap((value) => (isJsonObject(value) ? frame(value) : []))
      },
    }))
}

/** Places in lists are left out, so that the words stay the same from body to body. */
function asFailure(objection: string): Failure {
  return { what: objection.replace(/\.\d+(?=[.:])/g, '[]'), detail: objection }
}
