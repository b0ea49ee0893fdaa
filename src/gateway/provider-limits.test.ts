import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readAskedRest } from './provider-limits.ts'

const nowMs = Date.UTC(2026, 10, 23, 12)
const read = (headers: Record<string, string>) => readAskedRest((name) => headers[name], nowMs)

describe('fault 17: how long a provider asks to be left alone', () => {
  it.each([
    [{ 'retry-after': '2' }, 2_000],
    [{ 'retry-after': 'Mon, 23 Nov 2026 12:00:30 GMT' }, 30_000],
    [{ 'retry-after': '86400' }, 3_600_000],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-5' }, undefined],
  ])('%j is %s ms', (headers, ms) => {
    expect(read(headers).retryAfterMs).toBe(ms)
  })

  it.each([
    ['1s', 1_000],
    ['6m0s', 360_000],
    ['1h2m3.5s', 3_600_000],
    ['20ms', 20],
    ['7', 7_000],
    ['0.25', 250],
    ['2026-11-23T12:00:09Z', 9_000],
    ['2026-11-23T13:00:09+01:00', 9_000],
    ['2026-11-23T11:00:00Z', 0],
    ['2030-01-01T00:00:00Z', 3_600_000],
    ['', undefined],
    ['yesterday', undefined],
    ['1s2', undefined],
    ['2026-13-45T99:00:00Z', undefined],
  ])('a used-up limit that resets at %j rests for %s ms', (reset, ms) => {
    expect(read({ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': reset }).limitMs).toBe(ms)
    expect(
      read({ 'anthropic-ratelimit-tokens-remaining': '0', 'anthropic-ratelimit-tokens-reset': reset }).limitMs,
    ).toBe(ms)
  })

  it('says nothing while something remains, and takes the longest of those used up', () => {
    expect(read({ 'x-ratelimit-remaining-requests': '1', 'x-ratelimit-reset-requests': '1s' }).limitMs).toBeUndefined()
    const both = {
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '1s',
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-tokens': '3s',
    }
    expect(read(both).limitMs).toBe(3_000)
  })

  it('is bounded and never throws, whatever the headers', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const rest = read({
          'retry-after': text,
          'x-ratelimit-remaining-tokens': '0',
          'x-ratelimit-reset-tokens': text,
        })
        for (const ms of [rest.retryAfterMs ?? 0, rest.limitMs ?? 0]) {
          expect(ms).toBeGreaterThanOrEqual(0)
          expect(ms).toBeLessThanOrEqual(3_600_000)
        }
      }),
    )
  })
})
