import { describe, expect, it } from 'vitest'
import { noUsage } from '../src/canonical/usage.ts'
import type { UsageRecord } from '../src/canonical/usage-record.ts'
import { nothingBilled, type SimulatedEntry } from '../src/providers/simulated/log.ts'
import { sampleRecord } from '../src/stores/laws/sample-records.ts'
import { compare } from './crash/compare.ts'
import { runCrashLoops } from './crash/run-loops.ts'
import type { Seen } from './crash/send.ts'

describe('a gateway that is killed under load', () => {
  it('M5 N10 fault 33 fault 34 loses nothing, records nothing twice, and keeps its database whole', async () => {
    const lines: string[] = []
    const outcome = await runCrashLoops({ loops: 2, seed: 3, tell: (line) => lines.push(line) })
    expect(outcome, lines.join('\n')).toMatchObject({
      mismatches: [],
      integrity: 'ok',
      overshoot: 0n,
      loops: 2,
    })
    // Something was at stake: calls had finished, and others were under way.
    expect(outcome.finished).toBeGreaterThan(0)
    expect(outcome.unknown).toBeGreaterThan(0)
  })
})

describe('the comparison', () => {
  const record = sampleRecord({ requestId: 'req_1', inputUncached: 7, outputText: 5 })
  const entry: SimulatedEntry = {
    id: 'sim-1',
    atMs: 0,
    requestId: 'req_1',
    attempt: '1',
    path: '/v1/chat/completions',
    modelName: 'sim-1',
    isStream: true,
    status: 200,
    outputTokens: 5,
    bytes: 100,
    billed: { ...nothingBilled, inputUncached: 7, outputText: 5 },
    ended: 'whole',
  }
  const seen: Seen = {
    kind: 'chat-stream',
    requestId: 'req_1',
    status: 200,
    problemCode: undefined,
    configVersion: 'c0ffee',
    attempts: 1,
    isFinished: true,
    pieces: 5,
    tellsUsage: true,
    broke: undefined,
  }
  it('finds nothing where all agree', () => {
    expect(compare([seen], [entry], [record])).toEqual([])
  })

  it.each<[string, Parameters<typeof compare>, readonly string[]]>([
    ['no record of a finished exchange', [[seen], [entry], []], ['lost', 'lost']],
    ['no record of what only the provider knows', [[], [entry], []], ['lost']],
    ['a record twice', [[seen], [entry], [record, record]], ['duplicate', 'lost', 'wrong']],
    ['other tokens than the provider told', [[], [entry], [{ ...record, outputText: 6 }]], ['wrong']],
    ['a worst case below what was billed', [[], [entry], [{ ...record, ...worst, outputText: 4 }]], ['wrong']],
    ['an unknown end that a client saw', [[seen], [entry], [{ ...record, ...worst }]], ['lost']],
    ['one call on the wire too many', [[seen], [entry, entry], [record]], ['wrong']],
    ['an answer from nowhere', [[], [], [record]], ['wrong']],
    ['tokens delivered for nothing', [[seen], [], [{ ...record, ...noUsage, ...notSent }]], ['wrong']],
    ['an attempt left out', [[], [{ ...entry, attempt: '2' }], [{ ...record, attempt: 2 }]], ['lost']],
    ['an estimate though the provider told', [[seen], [entry], [{ ...record, usageSource: 'estimated' }]], ['wrong']],
  ])('finds %s', (_name, given, kinds) => {
    expect(compare(...given).map(({ kind }) => kind)).toEqual(kinds)
  })

  it('lets pass what the provider need not have seen', () => {
    const refused: UsageRecord = { ...record, ...noUsage, attempt: 0, status: 'refused' }
    const unsent: UsageRecord = { ...record, ...noUsage, ...notSent, requestId: 'req_2' }
    const killed: UsageRecord = { ...record, ...worst, requestId: 'req_3' }
    expect(compare([], [], [refused, unsent, killed])).toEqual([])
  })
})

const worst = { status: 'unknown', usageSource: 'worst_case' } as const
const notSent = { status: 'failed', failureClass: 'not-sent' } as const
