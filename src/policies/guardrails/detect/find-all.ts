import { Survey } from '../survey.ts'
import type { Detector, Finding } from './detector.ts'

/**
 * Everything that these detectors see, in order and without overlaps: of two that overlap, that of the detector that stands first
 * stays, and grows to hold the other, so that nothing that was seen is left over.
 * @param find asks a detector; for whoever remembers what it said.
 */
export function findAll(
  detectors: readonly Detector[],
  text: string,
  find: (detector: Detector) => readonly Finding[] = finderIn(text),
): readonly Finding[] {
  const kept: Finding[] = []
  for (const detector of detectors)
    for (const finding of find(detector)) {
      let { kind, start, end, score } = finding
      // One may overlap several, which are one then.
      for (let place = 0; place < kept.length;) {
        const other = kept[place]
        if (!other || other.end <= start || end <= other.start) {
          place += 1
          continue
        }
        kind = other.kind
        score = other.score
        start = Math.min(start, other.start)
        end = Math.max(end, other.end)
        kept.splice(place, 1)
      }
      kept.push({ kind, start, end, ...(score !== undefined && { score }) })
    }
  return kept.length < 2 ? kept : kept.toSorted((one, other) => one.start - other.start)
}

/** Asks detectors about one text, but for those that cannot find anything in it. */
export function finderIn(text: string): (detector: Detector) => readonly Finding[] {
  const survey = new Survey(text)
  return (detector) => (detector.mayBeIn?.(survey) === false ? [] : detector.find(text))
}
