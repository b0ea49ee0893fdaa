import { expect, it } from 'vitest'
import { durationText } from './limits.ts'

it.each([
  [0, '0ms'],
  [120, '120ms'],
  [8_640, '8.64s'],
  [60_000, '1m0s'],
  [360_000, '6m0s'],
  [3_661_001, '1h1m1.001s'],
])('%d milliseconds are told as OpenAI tells them: %s', (durationMs, text) => {
  expect(durationText(durationMs)).toBe(text)
})
