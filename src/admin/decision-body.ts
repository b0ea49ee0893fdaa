import { amountText } from '../canonical/budget-amount.ts'
import { costLines, readKeptDecision, type DecidedBudget, type KeptDecision } from '../canonical/decision.ts'
import { writeUsd } from '../canonical/money.ts'
import type { KeptGuardrails } from '../canonical/guardrail.ts'
import { roundedMs } from '../canonical/rounded-ms.ts'
import { monitoredAttempt, type UsageRecord } from '../canonical/usage-record.ts'
import { accountTold } from './account-told.ts'
import type { DecisionBody } from './contract/decision.ts'

/**
 * Why an exchange went where it went, put together from its records: each attempt tells its target, reason, times and
 * outcome itself; the last one keeps the rest.
 * @param records of one exchange, in order.
 * @returns `null` when no decision was kept: the exchange is under way, was interrupted, or is of a Weir before this one.
 */
export function decisionBodyOf(records: readonly UsageRecord[]): DecisionBody | null {
  const found = lastKept(records.filter(({ attempt }) => attempt >= 0))
  if (found === undefined) return null
  const { keeper, kept } = found
  const attempts = records.filter(({ attempt }) => attempt > 0)
  const startedAtMs = Math.min(...attempts.map((record) => record.startedAtMs))
  const only = attempts[0]
  return {
    problem: kept.problem
      ? { message: kept.problem.message, param: kept.problem.param ?? null, facts: { ...kept.problem.facts } }
      : null,
    strategy: kept.strategy ?? null,
    candidates: kept.candidates?.slice() ?? (only ? [{ target: targetOf(only), reason: only.reason }] : []),
    passedOver: kept.passedOver?.slice() ?? [],
    limits: kept.limits?.slice() ?? [],
    budgets: kept.budgets?.map(budgetOf) ?? [],
    guardrails: toldOf(kept.guardrails),
    monitored: toldOf(keptIn(records.find(({ attempt }) => attempt === monitoredAttempt))?.guardrails),
    attempts: attempts.map((record) => ({
      attempt: record.attempt,
      target: targetOf(record),
      credential: record.credentialId ?? '',
      reason: record.reason,
      startedMs: record.startedAtMs - startedAtMs,
      firstByteMs: record.firstByteMs === undefined ? null : roundedMs(record.firstByteMs),
      durationMs: roundedMs(record.durationMs),
      outcome: outcomeOf(record),
      verdict: kept.verdicts?.[String(record.attempt)] ?? null,
    })),
    cost:
      keeper.costNanos === undefined || keeper.priceVersion === undefined
        ? null
        : {
            attempt: keeper.attempt,
            priceVersion: keeper.priceVersion,
            lines: [...costLines(keeper, kept.rates ?? {})],
            totalUsd: writeUsd(keeper.costNanos),
          },
  }
}

function budgetOf({ account, held, cap, before }: DecidedBudget): DecisionBody['budgets'][number] {
  const { account: told, unit } = accountTold(account)
  const text = (amount: string) => amountText(unit, BigInt(amount))
  return { ...told, held: text(held), cap: text(cap), before: text(before) }
}

function toldOf(guardrails: KeptGuardrails | undefined) {
  return guardrails ? { ...guardrails, decisions: guardrails.decisions.slice() } : null
}

function targetOf({ provider, targetModel }: UsageRecord): string {
  return `${provider ?? ''}/${targetModel ?? ''}`
}

function outcomeOf({ status, errorKind, failureClass }: UsageRecord): string {
  if (errorKind === undefined) return status
  return failureClass === undefined ? `${status}: ${errorKind}` : `${status}: ${errorKind} (${failureClass})`
}

/** A record that is not the last of its exchange keeps its rates at most, and no decision. */
function lastKept(records: readonly UsageRecord[]) {
  for (const keeper of records.toReversed()) {
    const kept = keptIn(keeper)
    if (kept === undefined) continue
    const keys = Object.keys(kept)
    if (keys.length !== 1 || keys[0] !== 'rates') return { keeper, kept }
  }
  return undefined
}

function keptIn(record: UsageRecord | undefined): KeptDecision | undefined {
  return record?.decision === undefined ? undefined : readKeptDecision(record.decision)
}
