import { Counter, type Registry } from 'prom-client'
import type { UsageRecord } from '../../canonical/usage-record.ts'
import { openAttemptCost } from './attempt-cost.ts'
import { openAttemptTimes } from './attempt-times.ts'
import { openAttemptUsage } from './attempt-usage.ts'
import { remembering } from './remembered-kinds.ts'
import { servedLabelsOf } from './served-labels.ts'
import { TalliedCounter } from './tallies.ts'

/** An attempt beyond the first, and where it went. */
export interface ExtraAttempt {
  readonly provider: string
  readonly kind: 'retry' | 'hedge'
}

/** Attempts at providers: how they ended, what they took, used and cost. */
export function addAttemptMetrics(registers: Registry[]) {
  const timesOf = openAttemptTimes(registers)
  const usageOf = openAttemptUsage(registers)
  const costOf = openAttemptCost(registers)
  const attempts = new TalliedCounter({
    name: 'weir_attempts_total',
    help: 'Attempts at providers, by how they ended.',
    labelNames: ['provider', 'status', 'failure_class'] as const,
    registers,
  })
  const retries = new Counter({
    name: 'weir_retries_total',
    help: 'Attempts after a failed one, by the provider they went to.',
    labelNames: ['provider'] as const,
    registers,
  })
  const hedges = new Counter({
    name: 'weir_hedges_total',
    help: 'Attempts beside a slow one, by the provider they went to.',
    labelNames: ['provider'] as const,
    registers,
  })

  const seriesOf = remembering(kindOf, (record) => {
    const labels = servedLabelsOf(record)
    const { status, failureClass } = record
    return {
      ended: attempts.tally({ provider: labels.gen_ai_provider_name, status, failure_class: failureClass ?? '' }),
      times: timesOf(labels, record),
      usage: usageOf(labels, record),
      cost: costOf(labels),
    }
  })

  return {
    noteAttempt: (record: UsageRecord) => {
      const { ended, times, usage, cost } = seriesOf(record)
      ended.add(1)
      times.note(record)
      if (!usage.note(record)) return
      cost.note(record)
      times.noteStream(record)
    },
    noteExtraAttempt: ({ provider, kind }: ExtraAttempt) => (kind === 'hedge' ? hedges : retries).inc({ provider }),
  }
}

/** Everything of a record that a label tells. */
function kindOf(record: UsageRecord): string {
  const { operation, provider, catalogModel, status, failureClass, errorKind, usageSource } = record
  return `${operation}\0${provider}\0${catalogModel}\0${status}\0${failureClass}\0${errorKind}\0${usageSource}`
}
