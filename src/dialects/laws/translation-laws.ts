import { describe, expect, it } from 'vitest'
import { exchangesOf } from './exchanges.ts'
import type { Effort, Subject } from './law.ts'
import { laws, resultsOf } from './run-laws.ts'
import type { Material } from './material.ts'

/** The laws of a chat dialect's translating half, on our own cases. With every recording they run in `test/laws`. */
export function translationLaws(subject: Subject, others: readonly Subject[], material: Material): void {
  const exchanges = exchangesOf(subject, material, false)
  describe(`laws of translating ${subject.name}`, () => {
    it('has at least 20 cases of our own', () => {
      expect(material.golden.length).toBeGreaterThanOrEqual(20)
    })

    it.each(laws)('$name', ({ name, trials }) => {
      const results = resultsOf(name, subject.name, trials({ subject, others, exchanges, material, effort }))
      const failures = results.flatMap((result) =>
        result.trials.flatMap(({ id, failures: found }) =>
          found.map((failure) => ({ row: result.row, id, ...failure })),
        ),
      )
      expect(failures).toEqual([])
    })
  })
}

const effort: Effort = {
  cutsPerStream: 200,
  byteByByteBytes: Number.POSITIVE_INFINITY,
}
