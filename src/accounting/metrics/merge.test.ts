import { describe, expect, it } from 'vitest'
import { lastingShare } from './merge.ts'
import { openMetrics } from './open-metrics.ts'

const finished = {
  endpoint: '/v1/chat/completions',
  isStream: false,
  status: 200,
  errorKind: undefined,
  limits: undefined,
  guardrails: [],
  extraAttempts: [],
  records: [],
}

function openProcess(exchanges: number, running: number) {
  const metrics = openMetrics({
    running: () => running,
    waiting: () => 0,
    load: () => undefined,
    ledger: async () => undefined,
    targets: () => [],
  })
  for (let count = 0; count < exchanges; count += 1) metrics.note(finished)
  return metrics
}

async function counted(text: Promise<{ readonly text: string }>, name: string): Promise<string | undefined> {
  return new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec((await text).text)?.[1]
}

describe('metrics of several processes', () => {
  it('add up: counters, gauges and buckets', async () => {
    const [primary, one, two] = [openProcess(0, 0), openProcess(3, 2), openProcess(4, 5)]
    const rendered = primary.render([await one.share(), await two.share()])
    expect(await counted(rendered, 'weir_exchanges_total')).toBe('7')
    expect(await counted(rendered, 'weir_exchanges_running')).toBe('7')
  })

  it('keep what an ended process counted, and forget what it was', async () => {
    const [primary, dead, alive] = [openProcess(0, 0), openProcess(3, 2), openProcess(4, 5)]
    const rendered = primary.render([await lastingShare([await dead.share()]), await alive.share()])
    expect(await counted(rendered, 'weir_exchanges_total')).toBe('7')
    expect(await counted(rendered, 'weir_exchanges_running')).toBe('5')
  })

  it('survive the way between processes', async () => {
    const [primary, one] = [openProcess(0, 0), openProcess(3, 2)]
    expect(await counted(primary.render([structuredClone(await one.share())]), 'weir_exchanges_total')).toBe('3')
  })
})
