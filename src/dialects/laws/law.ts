import type { ReplyEvent } from '../../canonical/event.ts'
import type { ChatTranslation } from '../translation.ts'
import type { Dialect } from '../dialect.ts'
import type { Exchanges } from './exchanges.ts'
import type { FieldOutcome } from './field-outcomes.ts'
import type { Material } from './material.ts'

/** What the laws need of a dialect. A `Dialect` is one; so is a toy that shows what a law catches. */
export interface Speaker extends Omit<Dialect, 'name' | 'translation'> {
  readonly name: string
}

export interface Subject extends Speaker {
  readonly translation: ChatTranslation
}

/** Everything one law is run on. */
export interface Bench {
  readonly subject: Subject
  /** The other chat dialects. */
  readonly others: readonly Subject[]
  readonly exchanges: Exchanges
  readonly material: Material
  readonly effort: Effort
  /** Is told what became of every field on its way to another dialect. */
  readonly note?: (told: FieldsTold) => void
}

/** The other dialects that a call of the subject may leave in. */
export function targetsOf({ others }: Bench): readonly Subject[] {
  return others.filter(({ translation }) => !translation.isTextOnly)
}

/** The calls that another dialect ever hears. */
export function translatable({ subject, exchanges }: Bench): Exchanges['calls'] {
  return exchanges.calls.filter(({ body }) => subject.readCall(body).untranslatable === undefined)
}

/** Whether an answer may come to a client of this dialect at all: one that can ask for nothing but texts hears nothing else. */
export function mayHear({ translation }: Subject, events: readonly ReplyEvent[]): boolean {
  return !translation.isTextOnly || events.every(isOfText)
}

function isOfText(event: ReplyEvent): boolean {
  if (event.kind === 'block-start') return ['text', 'refusal', 'thought'].includes(event.content.kind)
  return event.kind !== 'block-delta' || event.delta.kind !== 'signature'
}

/** What became of the fields of one body. */
export interface FieldsTold {
  readonly from: string
  readonly to: string
  readonly side: Side
  readonly outcomes: readonly FieldOutcome[]
}

export type Side = 'call' | 'answer'

/** How much of what could be tried is tried. Chosen by place and seed, never by chance, so that a run repeats. */
export interface Effort {
  /** Ways to cut a stream in pieces, beside one byte at a time. */
  readonly cutsPerStream: number
  /** Beyond this many bytes a stream is not cut at every byte. */
  readonly byteByByteBytes: number
}

export interface Law {
  readonly name: string
  /** One trial for each exchange (and each other dialect) that holds what the law needs. */
  readonly trials: (bench: Bench) => Iterable<Trial>
}

export interface Trial {
  /** `golden/<name>` or `<provider>/<api>/<recording>`. */
  readonly id: string
  /** The other dialect, where the law is about two. */
  readonly to?: string
  /** None: the law holds. */
  readonly failures: readonly Failure[]
}

export interface Failure {
  /** What fails, in words that stay the same from run to run: a pattern of places, the name of a check. */
  readonly what: string
  /** For a person. */
  readonly detail: string
}

/** Runs one check; what it throws is a failure like any other. */
export function attempt(what: string, check: () => Iterable<Failure>): readonly Failure[] {
  try {
    return [...check()]
  } catch (thrown) {
    return [
      { what: `${what} throws`, detail: thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : `${thrown}` },
    ]
  }
}
