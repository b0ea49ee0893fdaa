import fc from 'fast-check'
import { expect, it } from 'vitest'
import { codesOf } from './codes.ts'
import { runsOf } from './runs.ts'

it('finds each run that is long enough, wherever it stands', () => {
  expect(runsOf('ab', 3)('abxabaxbbb')).toEqual([
    [3, 6],
    [7, 10],
  ])
  expect(runsOf('ab', 3)('')).toEqual([])
})

it('finds the same as a regular expression', () => {
  const signs = fc.constantFrom('a', 'b', 'ab', 'abab', 'x', 'é', '\u{1f600}', 'ababababab')
  fc.assert(
    fc.property(fc.array(signs, { maxLength: 30 }), fc.integer({ min: 1, max: 9 }), (parts, shortest) => {
      const text = parts.join('')
      const expected = Array.from(text.matchAll(new RegExp(`[ab]{${shortest},}`, 'g')), ({ index, 0: run }) => [
        index,
        index + run.length,
      ])
      expect(runsOf('ab', shortest)(text)).toEqual(expected)
    }),
  )
})

it('reads the codes of short texts and of long ones', () => {
  for (const length of [0, 3, 20_000]) {
    const text = 'aé中'.repeat(length).slice(0, length)
    expect([...codesOf(text).subarray(0, length + 2)]).toEqual([
      ...Array.from({ length }, (_, at) => text.charCodeAt(at)),
      0,
      0,
    ])
  }
})
