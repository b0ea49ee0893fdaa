import { describe, expect, it } from 'vitest'
import type { LimitOutlook, LimitRule } from '../../canonical/limit.ts'
import type { LimitSettings } from '../../config/limit-settings.ts'
import { refusalOf } from './refusal.ts'
import { rulesOf } from './rules.ts'

describe('the refusal of a limit', () => {
  it('names the limit, its level, what is left and when to try again', () => {
    expect(refusedBy({ tokens: 1000, per: 'minute' }, { kind: 'after', waitMs: 11_001 }, 400)).toMatchObject({
      kind: 'rate_limited',
      retryAfterSeconds: 12,
      isLasting: false,
      message:
        'limit "volume" of team acme/search is reached: 1000 tokens per minute, 600 left, and this call may use more; try again in 12 s',
    })
  })

  it('says for whom it counts, and nothing of the value', () => {
    const refused = refusedBy(
      { requests: 5, per: 'hour', by: 'endUser', missing: 'share' },
      { kind: 'after', waitMs: 0 },
      9,
    )
    expect(refused.message).toBe(
      'limit "volume" of team acme/search is reached: 5 requests for each endUser per hour, 0 left; try again in 1 s',
    )
  })

  it('of calls under way is one of another kind', () => {
    expect(refusedBy({ concurrent: 3 }, { kind: 'when-released' }, 3)).toMatchObject({
      kind: 'concurrency_limited',
      retryAfterSeconds: 1,
      message: 'limit "volume" of team acme/search is reached: 3 requests at once; try again when one has ended',
    })
  })

  it('that no waiting changes says so, and what would', () => {
    expect(refusedBy({ outputTokens: 10, per: 'day' }, { kind: 'never' }, 0)).toMatchObject({
      isLasting: true,
      retryAfterSeconds: undefined,
      message: expect.stringContaining('is 10 output tokens per day, and this call alone may use more'),
    })
    expect(refusedBy({ concurrent: 0 }, { kind: 'never' }, 0).message).toContain('is 0: such calls are suspended')
  })
})

function refusedBy(settings: LimitSettings, outlook: LimitOutlook, used: number) {
  const [rule] = rulesOf({ volume: settings }, 'team acme/search', 'team acme/search') as readonly [LimitRule]
  return refusalOf({
    atMs: 0,
    asks: [{ rule, value: undefined }],
    states: [{ before: used, after: used, resetMs: 60_000 }],
    waitedMs: 0,
    refused: { place: 0, outlook },
  })
}
