import { expect, it } from 'vitest'
import { readRetryAfter } from './retry-after.ts'

const nowMs = Date.UTC(2026, 10, 23, 12, 0, 0)

it.each([
  [undefined, undefined],
  ['2', 2],
  ['0.5', 1],
  ['3600', 3600],
  ['86400', 3600],
  ['Mon, 23 Nov 2026 12:00:30 GMT', 30],
  ['Mon, 23 Nov 2026 11:00:00 GMT', 0],
  ['soon', undefined],
  ['-5', undefined],
  ['1e9', undefined],
  ['', undefined],
  ['2026', 2026],
])('a Retry-After of %j is %j seconds', (value, seconds) => {
  expect(readRetryAfter(value, nowMs)).toBe(seconds)
})
