import type { LimitAsk, LimitRule, TokenCount } from '../../canonical/limit.ts'
import type { LimitTake, LimitVerdict } from '../ports/rate-limiter.ts'

/** A rule of ten requests a minute, unless told otherwise. Its id is its name, unless the unit or the window differs. */
export function sampleRule(fields: Partial<LimitRule> = {}): LimitRule {
  const rule = {
    name: 'burst',
    level: 'team acme/search',
    unit: 'requests' as const,
    per: 'minute' as const,
    most: 10,
    by: undefined,
    missing: 'share' as const,
    models: undefined,
    queue: undefined,
    ...fields,
  }
  return { id: `${rule.level}/${rule.name} ${rule.unit}/${rule.per ?? 'at once'}`, ...rule }
}

export const concurrentRule = (most: number, fields: Partial<LimitRule> = {}): LimitRule =>
  sampleRule({ name: 'parallel', unit: 'concurrent', per: undefined, most, ...fields })

export const tokenRule = (most: number, fields: Partial<LimitRule> = {}): LimitRule =>
  sampleRule({ name: 'volume', unit: 'tokens', most, ...fields })

export const noTokens: TokenCount = { input: 0, output: 0 }

export function sampleTake(
  rules: readonly (LimitRule | LimitAsk)[],
  tokens: TokenCount = noTokens,
  caller = 'key1',
): LimitTake {
  return { asks: rules.map((rule) => ('rule' in rule ? rule : { rule, value: undefined })), caller, tokens }
}

/** The ticket of a call that must have been admitted. */
export function ticketOf(verdict: LimitVerdict): number {
  if (verdict.kind !== 'taken') throw new Error(`the call was not admitted: ${JSON.stringify(verdict)}`)
  return verdict.ticket
}

/** Where the call was refused and why; `undefined`: it was not. */
export function refusedOf(verdict: LimitVerdict) {
  return verdict.kind === 'refused' ? verdict.refused : undefined
}
