import { expect, it } from 'vitest'
import { corpusDir, reportMissingCorpus } from '../corpus.ts'
import { measureWithheld, streamsToMeasure } from './measure.ts'

if (corpusDir === undefined) reportMissingCorpus('what is withheld')

it.each([
  ['our own streams', false],
  ['our own and recorded streams', true],
])(
  'G3: of %s, half of all deltas hold back at most 24 signs, and of a hundred all but one at most 80',
  (_of, isRecorded) => {
    const { streams, deltas, p50, p99 } = measureWithheld(streamsToMeasure(isRecorded), false)
    expect(streams).toBeGreaterThan(50)
    expect(deltas).toBeGreaterThan(3_000)
    expect(p50).toBeLessThanOrEqual(24)
    expect(p99).toBeLessThanOrEqual(80)
  },
)
