import { Survey } from '../survey.ts'
import type { Detector, Finding } from './detector.ts'

/**
 * Everything that these detectors see, in order and without overlaps: of those that overlap, that of the detector that stands first
 * stays, and grows to hold the others, so that nothing that was seen is left over.
 * @param find asks a detector; for whoever remembers what it said.
 */
export function findAll(
  detectors: readonly Detector[],
  text: string,
  find: (detector: Detector) => readonly Finding[] = finderIn(text),
): readonly Finding[] {
  const all: Ranked[] = []
  for (const [rank, detector] of detectors.entries())
    for (const { kind, start, end, score } of find(detector)) all.push({ kind, start, end, score, rank })
  // A hundred thousand addresses may stand in one text: they are put in order once, and gone through once.
  all.sort((one, other) => one.start - other.start || one.rank - other.rank)
  const kept: Ranked[] = []
  for (const next of all) {
    const last = kept.at(-1)
    if (!last || last.end <= next.start) kept.push(next)
    else {
      if (next.end > last.end) last.end = next.end
      if (next.rank >= last.rank) continue
      last.rank = next.rank
      last.kind = next.kind
      last.score = next.score
    }
  }
  return kept.map(({ kind, start, end, score }) => ({ kind, start, end, ...(score !== undefined && { score }) }))
}

/** What one of the detectors found, and its place among them. */
interface Ranked {
  kind: string
  readonly start: number
  end: number
  score: number | undefined
  rank: number
}

/** Asks detectors about one text, but for those that cannot find anything in it. */
export function finderIn(text: string): (detector: Detector) => readonly Finding[] {
  const survey = new Survey(text)
  return (detector) => (detector.mayBeIn?.(survey) === false ? [] : detector.find(text))
}
