import type { BudgetAsk } from '../canonical/budget.ts'

/** A change of what may be spent. */
export type CapChange =
  /** More in one account, for good: its window's end ends it. */
  | { readonly kind: 'top-up'; readonly accountId: string; readonly amount: bigint }
  /** More in every account of a rule, or of one of its values, until then. */
  | {
      readonly kind: 'raise'
      readonly ruleId: string
      readonly value: string | undefined
      readonly amount: bigint
      readonly untilMs: number
    }
  /** Instead of the cap of the config, until the next such entry. `undefined`: the config's again. */
  | { readonly kind: 'cap'; readonly ruleId: string; readonly cap: bigint | undefined }

/**
 * What caps are at a moment: the rule's own, or the one that stands in its place, and what was added to it. One of 0 suspends,
 * whatever was added.
 */
export class Caps {
  readonly #byRule = new Map<string, bigint>()
  readonly #topUps = new Map<string, bigint>()
  readonly #raises = new Map<string, Extract<CapChange, { kind: 'raise' }>[]>()

  apply(change: CapChange): void {
    switch (change.kind) {
      case 'top-up':
        return void this.#topUps.set(change.accountId, (this.#topUps.get(change.accountId) ?? 0n) + change.amount)
      case 'raise':
        return void this.#raises.set(change.ruleId, [...(this.#raises.get(change.ruleId) ?? []), change])
      case 'cap':
        if (change.cap === undefined) this.#byRule.delete(change.ruleId)
        else this.#byRule.set(change.ruleId, change.cap)
    }
  }

  /** What stands in the place of the rule's own cap; `undefined`: nothing does. */
  orderedCapOf(ruleId: string): bigint | undefined {
    return this.#byRule.get(ruleId)
  }

  /** The rules for which something does, also those that there are not now. */
  get orderedRuleIds(): readonly string[] {
    return [...this.#byRule.keys()]
  }

  capOf({ rule, value }: BudgetAsk, accountId: string, atMs: number): bigint {
    const set = this.#byRule.get(rule.id) ?? rule.cap
    if (set === 0n) return 0n
    let cap = set + (this.#topUps.get(accountId) ?? 0n)
    for (const raise of this.#raises.get(rule.id) ?? [])
      if (atMs < raise.untilMs && (raise.value === undefined || raise.value === value)) cap += raise.amount
    return cap
  }
}
