import { GatewayError } from '../../canonical/error.ts'
import type { LimitDecision, LimitRule, LimitUnit } from '../../canonical/limit.ts'
import { describeAccountKey } from '../../canonical/account-key.ts'

/** When nobody can say how long: what runs is mostly a matter of seconds. */
const unknownWaitSeconds = 1

/** The problem of a call that a limit refused: which limit of which level, what is left, and when it would pass. */
export function refusalOf({ asks, states, refused, waitedMs }: LimitDecision): GatewayError {
  const rule = asks[refused?.place ?? -1]?.rule
  const state = states[refused?.place ?? -1]
  if (!refused || !rule || !state) throw new Error('a call that no limit refused was told as refused')
  const kind = rule.unit === 'concurrent' ? 'concurrency_limited' : 'rate_limited'
  const name = `limit "${rule.name}" of ${rule.level}`
  const { outlook } = refused
  switch (outlook.kind) {
    case 'never':
      return new GatewayError(kind, `${name} ${never(rule)}`, { isLasting: true })
    case 'when-released': {
      const message = `${name} is reached: ${amountText(rule)} at once${waited(waitedMs)}; try again when one has ended`
      return new GatewayError(kind, message, { retryAfterSeconds: unknownWaitSeconds })
    }
    case 'after': {
      const left = Math.max(0, rule.most - state.after)
      const seconds = Math.max(1, Math.ceil(outlook.waitMs / 1000))
      const message = `${name} is reached: ${amountText(rule)} per ${rule.per}, ${left} left${need(rule)}${waited(waitedMs)}; try again in ${seconds} s`
      return new GatewayError(kind, message, { retryAfterSeconds: seconds })
    }
  }
}

const unitWords: Readonly<Record<LimitUnit, string>> = {
  requests: 'request',
  tokens: 'token',
  inputTokens: 'input token',
  outputTokens: 'output token',
  concurrent: 'request',
}

function amountText({ most, unit, by }: LimitRule): string {
  return `${most} ${unitWords[unit]}${most === 1 ? '' : 's'}${by ? ` for each ${describeAccountKey(by)}` : ''}`
}

function never(rule: LimitRule): string {
  if (rule.most === 0) return 'is 0: such calls are suspended'
  return `is ${amountText(rule)} per ${rule.per}, and this call alone may use more: waiting does not help, a smaller output cap or a shorter input does`
}

function need({ unit }: LimitRule): string {
  return unit === 'requests' ? '' : ', and this call may use more'
}

function waited(waitedMs: number): string {
  return waitedMs === 0 ? '' : `, after waiting ${Math.ceil(waitedMs / 1000)} s in line`
}
