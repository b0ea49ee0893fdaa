import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { unlessRefused } from './unless-refused.ts'

it('takes a refusal of the system for no answer, and a mistake of ours for what it is', () => {
  expect(unlessRefused(() => 1)).toBe(1)
  expect(unlessRefused(() => readFileSync('/no/such/file'))).toBeUndefined()
  expect(() =>
    unlessRefused(() => {
      throw new RangeError('a mistake')
    }),
  ).toThrow('a mistake')
})
