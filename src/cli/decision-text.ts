import type { DecisionBody } from '../admin/contract/decision.ts'
import { visible } from './visible.ts'

/** A decision for people: a headed list for each part that has something to tell. */
export function decisionText(decision: DecisionBody): string {
  const { problem, strategy, candidates, passedOver, limits, budgets, guardrails, monitored, attempts, cost } = decision
  return [
    `decision${strategy === null ? '' : ` by ${strategy}`}\n`,
    section('refused', problem ? problemTexts(problem) : []),
    section(
      'candidates',
      candidates.map(({ target, reason }) => `${target}: ${reason}`),
    ),
    section(
      'passed over',
      passedOver.map(({ target, reason }) => `${target}: ${reason}`),
    ),
    section('limits', limits.map(limitText)),
    section('budgets', budgets.map(budgetText)),
    section('guardrails', guardrails ? guardrailTexts(guardrails) : []),
    section('guardrails, when the answer had gone', monitored ? guardrailTexts(monitored) : []),
    section('attempts', attempts.map(attemptText)),
    cost ? section(`cost of attempt ${cost.attempt}, ${cost.priceVersion}`, costTexts(cost)) : '',
  ].join('')
}

function problemTexts({ message, param, facts }: NonNullable<DecisionBody['problem']>): readonly string[] {
  return [
    message,
    ...(param === null ? [] : [`at fault: ${param}`]),
    ...Object.entries(facts).map(([name, value]) => `${name}: ${value ?? '-'}`),
  ]
}

function limitText(one: DecisionBody['limits'][number]): string {
  const account = one.account === undefined ? '' : ` of ${one.account}`
  const per = one.per === undefined ? '' : ` per ${one.per}`
  const refusal = one.isRefusal ? ', which refused the call' : ''
  return `${one.level}, ${one.limit}${account}: ${one.before} to ${one.after} of ${one.max} ${one.unit}${per}${refusal}`
}

function budgetText({ budget, window, value, held, cap, before }: DecisionBody['budgets'][number]): string {
  return `${budget}, ${window}${value === null ? '' : ` of ${value}`}: ${held} set aside, with ${before} of ${cap} drawn on`
}

function guardrailTexts({ decisions, more = 0, scanned }: NonNullable<DecisionBody['guardrails']>): readonly string[] {
  return [
    ...decisions.map(decidedText),
    ...(more > 0 ? [`and ${more} more`] : []),
    `looked at ${scanned.input} characters of the call, ${scanned.output} of the answer`,
  ]
}

function decidedText(one: NonNullable<DecisionBody['guardrails']>['decisions'][number]): string {
  const whose = one.level === undefined ? '' : ` of ${one.level}`
  const where = one.start === undefined ? one.path : `${one.path} at ${one.start}`
  const score = one.score === undefined ? '' : `, score ${one.score.toFixed(2)}`
  return `${one.rule}${whose}: ${one.isShadow ? 'would ' : ''}${one.action} ${one.count} ${one.kind} in ${one.place} text of the ${one.phase} (${where})${score}`
}

function attemptText(one: DecisionBody['attempts'][number]): string {
  const firstByte = one.firstByteMs === null ? '' : `, first byte after ${rounded(one.firstByteMs)} ms`
  const verdict = one.verdict === null ? '' : `; ${one.verdict}`
  return `${one.attempt}  ${one.target} with ${one.credential} (${one.reason}) at ${one.startedMs} ms${firstByte}, ${one.outcome} after ${rounded(one.durationMs)} ms${verdict}`
}

function costTexts({ lines, totalUsd }: NonNullable<DecisionBody['cost']>): readonly string[] {
  const sums = lines.map(
    ({ component, count, usdPerMillion, nanos }) =>
      `${component}: ${count} x ${usdPerMillion} USD per million = ${nanos} nano-dollars`,
  )
  return [...sums, `in all ${totalUsd} USD`]
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `  ${title}\n${lines.map((line) => `    ${visible(line)}\n`).join('')}`
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10
}
