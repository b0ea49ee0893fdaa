import { expect, it } from 'vitest'
import { toldWaitMs } from './told-wait.ts'

it.each([
  ['Rate limit reached for gpt-4.1. Please try again in 174ms. Visit https://x for more.', 174],
  ['Please try again in 1.984999999s. Need more tokens?', 1_985],
  ['Please try again in 9m38.016s. Need more tokens?', 578_016],
  ['Rate limit is exceeded. Try again in 2 seconds.', 2_000],
  ['Please retry after 86400 seconds. Please contact Azure', 86_400_000],
  ['Please retry after 1 second.', 1_000],
  ['Please retry in 34.07s.', 34_070],
  ['try again in 6s', 6_000],
  ['try again in 2 minutes', 120_000],
  ['try again in 500 milliseconds', 500],
  ['Please try again later.', undefined],
  ['try again in 5 apples', undefined],
  ['try again in 5', undefined],
  ['try again in a while', undefined],
  ['wait 5s', undefined],
  ['', undefined],
])('%j wants %s ms', (message, waitMs) => {
  expect(toldWaitMs(undefined, message)).toBe(waitMs)
})

it('Google tells it among the details, which are plainer than the sentence', () => {
  const details = [
    { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [] },
    { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.074824224s' },
  ]
  expect(toldWaitMs(details, 'Please retry in 3s.')).toBe(34_075)
  expect(toldWaitMs([{ retryDelay: '0s' }], undefined)).toBe(0)
  for (const nonsense of [[{ retryDelay: 34 }], [{ retryDelay: 'soon' }], [34], {}, null, '34s'])
    expect(toldWaitMs(nonsense, undefined)).toBeUndefined()
})

it('a sentence of the largest size is read at once', () => {
  expect(toldWaitMs(undefined, `try again in ${'1h'.repeat(1_000)}`)).toBeUndefined()
  expect(toldWaitMs(undefined, `${'retry after '.repeat(160)}1s`)).toBe(1_000)
})
