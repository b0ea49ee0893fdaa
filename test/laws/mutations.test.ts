import { expect, it } from 'vitest'
import { corpusDir, reportMissingCorpus } from '../corpus.ts'
import { mutate } from './mutate.ts'

it('10,000 mutants of recorded bodies and streams crash no dialect', () => {
  if (corpusDir === undefined) reportMissingCorpus('mutations')
  const { failures, refused } = mutate(10_000, 20_261_107)
  expect(failures).toEqual([])
  // Readers that refused nearly everything would prove little.
  expect(refused).toBeLessThan(5_000)
})
