import { setImmediate as turnEnds } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { systemClock } from '../canonical/clock.ts'
import { noUsage } from '../canonical/usage.ts'
import type { FinishedExchange } from '../gateway/hooks.ts'
import { sampleRecord } from '../stores/laws/sample-records.ts'
import { openAccessLog, openLog } from './access-log.ts'

const finished: FinishedExchange = {
  id: 'req_1',
  startedAtMs: 0,
  durationMs: 12.345,
  endpoint: '/v1/chat/completions',
  operation: 'chat',
  principal: undefined,
  requestedModel: 'demo',
  isStream: false,
  status: 401,
  errorKind: 'unauthenticated',
  bytesIn: 2,
  bytesOut: 3,
  records: [],
  limits: undefined,
  guardrails: [],
  extraAttempts: [],
  excess: [],
  configVersion: 'v',
  bug: undefined,
}

it('the exchanges of one turn are written together, a line each, in the form of every other line', async () => {
  const written: string[] = []
  const destination = { write: (text: string) => void written.push(text) }
  const clock = { ...systemClock, nowMs: () => Date.UTC(2026, 0, 2, 3, 4, 5, 6) }
  const note = openAccessLog(destination, clock)
  note(finished)
  note({ ...finished, id: 'req_2' })
  expect(written).toEqual([])
  await turnEnds()
  expect(written).toHaveLength(1)
  const lines = (written[0] ?? '').split('\n')
  expect(lines).toHaveLength(3)
  expect(lines[0]).toBe(
    '{"level":30,"time":"2026-01-02T03:04:05.006Z","requestId":"req_1","endpoint":"/v1/chat/completions","status":401,' +
      '"durationMs":12.3,"stream":false,"error":"unauthenticated","model":"demo","attempts":0,"bytesIn":2,"bytesOut":3,' +
      '"config":"v","msg":"exchange"}',
  )
  openLog(destination).info({ requestId: 'req_1' }, 'exchange')
  expect(written[1]).toMatch(/^\{"level":30,"time":"[\d-]+T[\d:.]+Z","requestId":"req_1","msg":"exchange"\}\n$/)
})

it('tells tokens and cost of all attempts, and the provider of the one that answered', async () => {
  const written: string[] = []
  const note = openAccessLog({ write: (text: string) => void written.push(text) }, systemClock)
  const used = { ...noUsage, inputUncached: 10, outputText: 5, costNanos: 1_000_000_000n }
  const failed = sampleRecord({ ...used, attempt: 1, provider: 'one', status: 'failed', usageSource: 'worst_case' })
  const answered = sampleRecord({ ...used, attempt: 2, provider: 'two' })
  const left = sampleRecord({ ...used, attempt: 3, provider: 'three', status: 'aborted' })
  const refused = sampleRecord({ ...noUsage, attempt: 0, provider: undefined, status: 'refused', costNanos: 0n })
  const unpriced = { ...left, costNanos: undefined }
  for (const records of [
    [failed, answered, left],
    [failed, refused],
    [answered, unpriced],
  ])
    note({ ...finished, records })
  await turnEnds()
  const told = written
    .join('')
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
  expect(told).toMatchObject([
    {
      provider: 'two',
      attempts: 3,
      inputTokens: 30,
      outputTokens: 15,
      usageSource: 'provider',
      costUsd: '3.000000000',
    },
    { provider: 'one', attempts: 1, inputTokens: 10, usageSource: 'worst_case', costUsd: '1.000000000' },
    { provider: 'two', attempts: 2, inputTokens: 20 },
  ])
  expect(told[2]).not.toHaveProperty('costUsd')
})

it('no more is written at once than a pipe takes in one piece, so that lines of several workers stay whole', async () => {
  const written: string[] = []
  const note = openAccessLog({ write: (text: string) => void written.push(text) }, systemClock)
  for (let count = 0; count < 100; count += 1) note({ ...finished, requestedModel: 'ü'.repeat(200) })
  await turnEnds()
  expect(written.join('').match(/\n/g)).toHaveLength(100)
  for (const text of written) {
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4096)
    expect(text.endsWith('\n')).toBe(true)
  }
})

it('failures.md L6: a model name that would turn a terminal around is shown as what it is', async () => {
  const written: string[] = []
  const note = openAccessLog({ write: (text: string) => void written.push(text) }, systemClock)
  note({ ...finished, requestedModel: 'a\u202eb\u009bc\nd' })
  await turnEnds()
  expect(written.join('')).toContain(String.raw`"model":"a\u202eb\u009bc\nd"`)
})
