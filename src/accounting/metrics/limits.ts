import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { LimitDecision } from '../../canonical/limit.ts'
import { kindOfLevel } from './kind-of-level.ts'

const waitBuckets = [0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300]

/** @param waiting calls that wait in line, asked at each scrape. */
export function addLimitMetrics(registers: Registry[], waiting: () => number) {
  const refusals = new Counter({
    name: 'weir_limit_refusals_total',
    help: 'Calls that a limit refused, by the limit, the kind of its level and what it counts.',
    labelNames: ['limit', 'level', 'unit'] as const,
    registers,
  })
  const wait = new Histogram({
    name: 'weir_limit_wait_seconds',
    help: 'How long calls waited in line for a limit; those that did not wait are not counted.',
    buckets: waitBuckets,
    registers,
  })
  new Gauge({
    name: 'weir_limit_waiting',
    help: 'Calls that wait in line for a limit.',
    registers,
    collect() {
      this.set(waiting())
    },
  })
  return {
    noteLimits: ({ asks, refused, waitedMs }: LimitDecision) => {
      if (waitedMs > 0) wait.observe(waitedMs / 1000)
      const rule = refused && asks[refused.place]?.rule
      if (rule) refusals.inc({ limit: rule.name, level: kindOfLevel(rule.level), unit: rule.unit })
    },
  }
}
