import type { GuardDecision } from '../canonical/guardrail.ts'
import { errorTable, type GatewayError } from '../canonical/error.ts'
import { writeUsd } from '../canonical/money.ts'
import { decisionHeader } from '../routing/decision.ts'
import type { Answer } from './attempt.ts'
import type { Exchange } from './exchange.ts'
import { shownLimits } from './shown-limits.ts'
import { headerText } from './header-text.ts'
import type { Meter } from './meter.ts'

/** A wait that is due to be told when the provider did not say how long. */
const defaultRetryAfterSeconds = 1
/** The `openai` SDK takes a longer `Retry-After` for none and tries again at once (behaviour.md E4). */
const longestObeyedSeconds = 60

/** Longer lists are cut in the header; the usage record holds them whole. */
const longestLossesHeader = 4_000

/**
 * Ours only: nothing of the provider's headers is passed on. A flat list, for the socket.
 * @param losses as `lossesText` tells them.
 */
export function answerHeaders(
  exchange: Exchange,
  answer: Answer,
  meter: Meter,
  contentType: string,
  losses: string | undefined,
): string[] {
  const headers = [
    ...exchangeHeaders(exchange, meter),
    'content-type',
    contentType,
    'x-weir-provider',
    answer.target.provider.name,
    'x-weir-model',
    headerText(answer.target.modelName),
  ]
  if (losses !== undefined)
    headers.push(
      'x-weir-losses',
      losses.length > longestLossesHeader ? `${losses.slice(0, longestLossesHeader)}...` : losses,
    )
  const { addedCapTokens } = answer.worded
  if (addedCapTokens !== undefined) headers.push('x-weir-output-cap', String(addedCapTokens))
  return headers
}

/** Of an answer that the gateway gives itself. */
export function ownHeaders(exchange: Exchange, meter: Meter, contentType: string): string[] {
  return [...exchangeHeaders(exchange, meter), 'content-type', contentType]
}

export function problemHeaders(exchange: Exchange, meter: Meter, problem: GatewayError): string[] {
  const headers = [...ownHeaders(exchange, meter, 'application/json'), ...retryHeaders(problem)]
  if (problem.sizeBytes !== undefined) headers.push('content-range', `bytes */${problem.sizeBytes}`)
  // An attempt that came to nothing for the client may have been billed all the same.
  const costNanos = meter.attempts === 0 ? undefined : meter.costNanos
  if (costNanos !== undefined) headers.push('x-weir-cost-usd', writeUsd(costNanos))
  return headers
}

/** Whether, and when, it makes sense to try again. */
export function retryHeaders(problem: GatewayError): string[] {
  const headers: string[] = []
  const { clientRetry } = errorTable[problem.kind]
  const waitSeconds = problem.isLasting ? undefined : waitSecondsOf(problem)
  if (waitSeconds !== undefined) headers.push('retry-after', String(waitSeconds))
  const isFutile = clientRetry === 'no' || clientRetry === 'until-reset' || problem.isLasting
  if (isFutile || (waitSeconds !== undefined && waitSeconds > longestObeyedSeconds))
    headers.push('x-should-retry', 'false')
  return headers
}

/** @returns `undefined` where none is due. */
function waitSecondsOf({ kind, retryAfterSeconds }: GatewayError): number | undefined {
  switch (errorTable[kind].clientRetry) {
    case 'after-retry-after':
      return retryAfterSeconds ?? defaultRetryAfterSeconds
    case 'yes':
      // What a provider says of a key of ours is nobody else's.
      return kind === 'upstream_credential' ? undefined : retryAfterSeconds
    case 'no':
    case 'until-reset':
      return undefined
  }
}

/** Which rules saw something before the answer began, and what they did: `no-secrets=redact, trial=block;shadow`. */
function guardrailsText(decisions: readonly GuardDecision[]): string | undefined {
  if (decisions.length === 0) return undefined
  const told = decisions.map(
    ({ rule, action, isShadow, why }) =>
      `${rule}=${why === undefined ? action : 'unavailable'}${isShadow ? ';shadow' : ''}`,
  )
  return [...new Set(told)].join(', ')
}

/** What every answer says of its exchange. */
export function exchangeHeaders(exchange: Exchange, meter: Meter): string[] {
  const headers = [
    'x-weir-request-id',
    exchange.id,
    // Where the SDKs look for an id to show: `openai` and `@anthropic-ai/sdk`.
    'x-request-id',
    exchange.id,
    'request-id',
    exchange.id,
    'x-weir-config',
    meter.configVersion,
    'x-weir-attempts',
    String(meter.attempts),
    ...(meter.limits ? exchange.endpoint.dialect.writeLimits(shownLimits(meter.limits), meter.limits.atMs) : []),
  ]
  const guardrails = guardrailsText(meter.guardrails)
  if (guardrails !== undefined) headers.push('x-weir-guardrails', guardrails)
  if (exchange.headers.one('x-weir-explain') === 'true')
    headers.push('x-weir-decision', decisionHeader(meter.decision()))
  return headers
}
