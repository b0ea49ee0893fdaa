import type { Detector, Finding } from './detector.ts'

/**
 * Everything that these detectors see, in order and without overlaps: of two that overlap, that of the detector that stands first
 * stays, and grows to hold the other, so that nothing that was seen is left over.
 */
export function findAll(detectors: readonly Detector[], text: string): readonly Finding[] {
  const kept: Finding[] = []
  for (const detector of detectors)
    for (const finding of detector.find(text)) {
      const place = kept.findIndex((one) => one.start < finding.end && finding.start < one.end)
      const other = kept[place]
      if (other === undefined) kept.push(finding)
      else
        kept[place] = {
          kind: other.kind,
          start: Math.min(other.start, finding.start),
          end: Math.max(other.end, finding.end),
        }
    }
  return kept.toSorted((one, other) => one.start - other.start)
}
