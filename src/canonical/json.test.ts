import { expect, test } from 'vitest'
import { wordOf } from './json.ts'

test('a value is put into words, whatever a body holds', () => {
  const words = ['auto', 3, true, null, undefined, ['a'], { toString: 1, valueOf: 'x' }].map(wordOf)
  expect(words).toEqual(['auto', '3', 'true', 'null', 'undefined', 'a list', 'an object'])
})
