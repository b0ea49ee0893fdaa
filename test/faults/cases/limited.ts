import assert from 'node:assert/strict'
import { rawAnswers } from '../raw-answers.ts'
import { texts } from '../surroundings.ts'
import { checkRecords, readAnswer, type FaultCase } from '../trial.ts'

/** A provider that wants to be left alone for a while. */
export const limitedCases: readonly FaultCase[] = [
  {
    fault: 17,
    name: 'fault 17: 429 with Retry-After 2 s, 1 h, a date, garbage -> the next target; else a short wait is kept and a long one told, up to a cap',
    run: async ({ house, ask, ends }) => {
      const { rawAnswers: next } = house.around
      const inAMinute = new Date(house.clock.nowMs() + 50_000).toUTCString()
      for (const [retryAfter, told] of [
        ['2', undefined],
        ['3600', /^3600$/],
        ['86400', /^3600$/],
        [inAMinute, /^(?:50|4\d)$/],
        ['soon, I hope', /^1$/],
        ['-5', /^1$/],
      ] as const) {
        next.push(rawAnswers.limited(retryAfter))
        const elsewhere = await ends(ask('raw-pair'))
        assert.deepEqual([elsewhere.status, readAnswer(elsewhere.text, 'chat', false).text], [200, texts.two])
        checkRecords(elsewhere.records, [
          { provider: 'raw', ...limited },
          { provider: 'two', status: 'ok' },
        ])
        next.push(rawAnswers.limited(retryAfter))
        const beganMs = house.clock.monotonicMs()
        if (told === undefined) {
          // Nobody else is left, and the wait is short: it is kept.
          next.push(rawAnswers.good())
          const waited = await ends(ask('raw'))
          assert.equal(waited.status, 200)
          checkRecords(waited.records, [limited, { status: 'ok', usageSource: 'provider' }])
          if (house.kind === 'in-process') assert.ok(house.clock.monotonicMs() - beganMs >= 2_000)
          continue
        }
        const alone = await ends(ask('raw'))
        assert.equal(alone.status, 429)
        assert.match(String(alone.headers['retry-after']), told)
        checkRecords(alone.records, [limited])
      }
    },
  },
]

const limited = {
  status: 'failed',
  errorKind: 'upstream_rate_limited',
  failureClass: 'refused',
  costUsd: '0.000000000',
} as const
