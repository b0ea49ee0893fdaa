import { anyCut } from './any-cut.ts'
import { bothRelays } from './both-relays.ts'
import { frozenNodes } from './frozen-nodes.ts'
import type { Bench, Effort, Law, Trial } from './law.ts'
import { locality } from './locality.ts'
import { noSilentLoss } from './no-silent-loss.ts'
import { roundTrip } from './round-trip.ts'
import { saysTheSame } from './says-the-same.ts'
import { streamIsBody } from './stream-is-body.ts'

/** The laws of the translating half. */
export const laws: readonly Law[] = [
  ...roundTrip,
  ...locality,
  ...frozenNodes,
  ...bothRelays,
  ...streamIsBody,
  ...saysTheSame,
  ...noSilentLoss,
  ...anyCut,
]

export const fullEffort: Effort = {
  cutsPerStream: 200,
  byteByByteBytes: Number.POSITIVE_INFINITY,
}

/** What one law came to, for one dialect or one pair of them. */
export interface LawResult {
  readonly law: string
  /** `openai-chat`, or `openai-chat -> anthropic-messages`. */
  readonly row: string
  readonly trials: readonly Trial[]
}

export function runLaws(bench: Bench): readonly LawResult[] {
  return laws.flatMap((law) => resultsOf(law.name, bench.subject.name, law.trials(bench)))
}

export function resultsOf(law: string, name: string, trials: Iterable<Trial>): readonly LawResult[] {
  const rows = Map.groupBy(trials, ({ to }) => (to === undefined ? name : `${name} -> ${to}`))
  return [...rows].map(([row, list]) => ({ law, row, trials: list }))
}
