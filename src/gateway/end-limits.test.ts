import { describe, expect, it } from 'vitest'
import type { TokenCount } from '../canonical/limit.ts'
import type { UsageRecord } from '../canonical/usage-record.ts'
import { sampleRecord } from '../stores/laws/sample-records.ts'
import type { RateLimiter } from '../stores/ports/rate-limiter.ts'
import { endLimits } from './end-limits.ts'

describe('what an exchange held in limits', () => {
  it.each([
    ['no attempt was made', [sampleRecord({ attempt: 0, status: 'refused' })]],
    ['no attempt left', [failed('not-sent'), failed('not-sent')]],
  ])('is given back when %s', (_why, records) => {
    expect(ended(records)).toEqual(['refund'])
  })

  it('is settled with the tokens of all attempts', () => {
    const records = [
      sampleRecord({ usageSource: 'provider', inputUncached: 10, cacheRead: 5, outputText: 7, outputReasoning: 3 }),
      sampleRecord({ usageSource: 'estimated', inputUncached: 10, cacheRead: 0, outputText: 1, outputReasoning: 0 }),
    ].map(plain)
    expect(ended(records)).toEqual([{ input: 25, output: 11 }])
  })

  it('is settled with the estimate for an attempt of which nobody knows what it used', () => {
    expect(ended([sampleRecord({ usageSource: 'worst_case', outputText: 32_768 })])).toEqual([
      { input: 100, output: 50 },
    ])
    expect(ended(undefined)).toEqual([undefined])
  })

  it('counts as one call, with no tokens, when a provider refused it', () => {
    expect(ended([failed('refused'), failed('not-sent')].map(plain))).toEqual([{ input: 0, output: 0 }])
  })
})

const zero = {
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  cacheWriteOther: 0,
  inputAudio: 0,
  inputImage: 0,
  outputAudio: 0,
  outputImage: 0,
}

function plain(record: UsageRecord): UsageRecord {
  return { ...record, ...zero }
}

function failed(failureClass: string): UsageRecord {
  return sampleRecord({
    status: 'failed',
    failureClass,
    usageSource: 'provider',
    inputUncached: 0,
    cacheRead: 0,
    outputText: 0,
    outputReasoning: 0,
  })
}

function ended(records: readonly UsageRecord[] | undefined): readonly (string | TokenCount | undefined)[] {
  const seen: (string | TokenCount | undefined)[] = []
  const limiter: RateLimiter = {
    take: () => Promise.resolve({ kind: 'cancelled' }),
    settle: (_ticket, used) => void seen.push(used),
    refund: () => void seen.push('refund'),
    accounts: () => Promise.resolve([]),
  }
  endLimits({ ticket: 1, estimate: { input: 100, output: 50 } }, records, limiter)
  return seen
}
