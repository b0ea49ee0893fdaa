import { nameOf } from '../policies/guardrails/guard-text.ts'
import type { GuardRule } from '../policies/guardrails/rule.ts'

/** What would be stopped passes where its guard, elsewhere, says nothing: the names of such rules, and whose they are. */
export function failingOpen(rules: readonly GuardRule[]): readonly string[] {
  return rules
    .filter(({ asked, action, isShadow }) => asked?.onTimeout === 'allow' && action !== 'flag' && !isShadow)
    .map(nameOf)
}
