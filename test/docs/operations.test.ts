import { describe, expect, it } from 'vitest'
import type { MeasuredLoad } from '../../src/accounting/metrics/load.ts'
import { openMetrics } from '../../src/accounting/metrics/open-metrics.ts'
import { sampleRule } from '../../src/stores/laws/sample-limits.ts'
import { sampleRecord } from '../../src/stores/laws/sample-records.ts'
import { tableOf, plain, spans } from './read-pages.ts'

describe('operations.md', () => {
  it('tells every metric of Weir with its type and labels', async () => {
    const metrics = openMetrics({
      ledger: async () => ({ accounts: 3, holds: 2, unexplained: 0n }),
      running: () => 1,
      waiting: () => 0,
      load: sampleLoad,
      targets: () => [{ id: 'openai/gpt-5.2', state: 'open', running: 1 }],
    })
    const exchange = {
      endpoint: '/',
      isStream: true,
      status: 200,
      errorKind: undefined,
      limits: {
        atMs: 0,
        asks: [{ rule: sampleRule(), value: undefined }],
        states: [{ before: 10, after: 10, resetMs: 1 }],
        waitedMs: 5,
        refused: { place: 0, outlook: { kind: 'after', waitMs: 1 } as const },
      },
    }
    const extraAttempts = [
      { provider: 'openai', kind: 'retry' },
      { provider: 'openai', kind: 'hedge' },
    ] as const
    const seen = { rule: 'r', phase: 'input', place: 'user', path: 'messages[0].content', kind: 'email' } as const
    const guardrails = [{ ...seen, action: 'flag', isShadow: false, count: 1 }] as const
    metrics.note({
      ...exchange,
      guardrails,
      guardrailsTookMs: { input: 0.1 },
      extraAttempts,
      records: [sampleRecord(), sampleRecord({ costNanos: undefined, images: 1 })],
    })
    metrics.noteCredentialRefused('openai#0')
    metrics.noteConnection({ kind: 'opened', provider: 'openai', tls: 'new' })
    metrics.noteConnection({ kind: 'failed', provider: 'openai', at: 'tls' })
    metrics.noteConnection({ kind: 'dns-failed', provider: 'openai' })
    metrics.noteBreakerOpened('openai')
    metrics.noteGuardAsked('moderation', 'clean', 12)
    metrics.noteReload(true)
    metrics.noteRecordFailure()
    const { text } = await metrics.render()
    const known = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)]
      .map(([, name = '', type = '']) => [name, type, labelsOf(text, name)] as const)
      .filter(([name]) => !/^(process|nodejs)_/.test(name))
    const rows = tableOf('docs/operations.md', ['Metric', 'Type', 'Labels', 'Meaning'])
    const told = rows.map((row) => [plain(row[0]), plain(row[1]), spans(row[2] ?? '').toSorted()])
    expect(told.toSorted()).toEqual(known.toSorted())
  })
})

function sampleLoad(): MeasuredLoad {
  const common = { memoryShare: 0.5, loopDelayMs: 1, openFiles: 20 }
  return {
    readings: { ...common, exchanges: 1, heldBodyBytes: 1 },
    limits: { ...common, maxExchanges: 1, maxHeldBodyBytes: 1 },
    connections: { open: 1, limit: 1, refused: { total: 1 } },
    shed: { memory: 1 },
    stalls: 1,
  }
}

function labelsOf(text: string, name: string): readonly string[] {
  const found = new Set<string>()
  for (const line of text.split('\n')) {
    if (!new RegExp(`^${name}(?:_bucket|_sum|_count)?\\{`).test(line)) continue
    for (const [, label = ''] of line.matchAll(/[{,](\w+)="/g)) if (label !== 'le') found.add(label)
  }
  return [...found].toSorted()
}
