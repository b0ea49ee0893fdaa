import { Counter, Histogram, type Registry } from 'prom-client'
import type { GuardDecision, GuardPhase } from '../../canonical/guardrail.ts'
import { kindOfLevel } from './kind-of-level.ts'

const judgedBuckets = [
  0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1,
]
const askedBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export function addGuardrailMetrics(registers: Registry[]) {
  const decided = new Counter({
    name: 'weir_guardrail_decisions_total',
    help: 'What guardrails saw, by rule, the kind of its level, phase and action; shadow: it only says what it would have done.',
    labelNames: ['rule', 'level', 'phase', 'action', 'shadow'] as const,
    registers,
  })
  const unmonitored = new Counter({
    name: 'weir_guardrail_unmonitored_total',
    help: 'Exchanges that guardrails did not look at which look when the answer has gone: too many waited.',
    registers,
  })
  const judged = new Histogram({
    name: 'weir_guardrail_seconds',
    help: 'How long the guardrails that are judged here took over one exchange, by phase.',
    labelNames: ['phase'] as const,
    buckets: judgedBuckets,
    registers,
  })
  const asked = new Histogram({
    name: 'weir_guardrail_asked_seconds',
    help: 'How long guards that judge elsewhere took to be asked, by rule and what came of it.',
    labelNames: ['rule', 'outcome'] as const,
    buckets: askedBuckets,
    registers,
  })
  return {
    noteDecisions: (decisions: readonly GuardDecision[]) => {
      for (const { rule, level, phase, action, isShadow, count } of decisions)
        decided.inc({ rule, level: kindOfLevel(level), phase, action, shadow: String(isShadow) }, count)
    },
    noteJudged: (tookMs: Readonly<Partial<Record<GuardPhase, number>>>) => {
      for (const [phase, phaseMs] of Object.entries(tookMs)) judged.observe({ phase }, phaseMs / 1000)
    },
    noteUnmonitored: () => unmonitored.inc(),
    noteGuardAsked: (rule: string, outcome: string, tookMs: number) => asked.observe({ rule, outcome }, tookMs / 1000),
  }
}
