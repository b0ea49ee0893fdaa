import type { LimitRule, LimitState } from '../canonical/limit.ts'
import type { LimitTake, LimitVerdict } from '../stores/ports/rate-limiter.ts'

/**
 * Rules that a worker has numbered, at most. Each config brings new ones; at this many all are forgotten, and told anew as they
 * are asked for.
 */
export const maxNumberedRules = 10_000

/** A take as it travels: rules are told once and named by their number. Plain, as `pack-batch.ts` wants it. */
export interface NumberedTake {
  readonly takeId: number
  readonly rules: readonly number[]
  /** Of each rule, where one of them counts by a value; `null`: this one does not. */
  readonly values?: readonly (string | null)[]
  readonly caller: LimitTake['caller']
  readonly tokens: LimitTake['tokens']
}

export interface NumberedRule {
  readonly number: number
  readonly rule: LimitRule
}

/** A verdict as it travels. `counts`: before, after and the time to the reset of each rule, one after the other. */
export type TakeVerdict =
  | { readonly kind: 'taken'; readonly counts: readonly number[]; readonly waitedMs: number }
  | Exclude<LimitVerdict, { kind: 'taken' }>

/** The worker's side: numbers rules as they are first asked for. */
export class RuleNumbers {
  readonly #tell: (told: NumberedRule | 'forget') => void
  #numbers = new WeakMap<LimitRule, number>()
  #count = 0

  /** @param tell the other side hears in the order in which it is told. `forget`: no number means anything any more. */
  constructor(tell: (told: NumberedRule | 'forget') => void) {
    this.#tell = tell
  }

  numbered(takeId: number, { asks, caller, tokens }: LimitTake): NumberedTake {
    if (this.#count + asks.length > maxNumberedRules) this.#forget()
    const rules = asks.map(({ rule }) => this.#numberOf(rule))
    const hasValues = asks.some(({ value }) => value !== undefined)
    return { takeId, rules, caller, tokens, ...(hasValues && { values: asks.map(({ value }) => value ?? null) }) }
  }

  #numberOf(rule: LimitRule): number {
    const known = this.#numbers.get(rule)
    if (known !== undefined) return known
    const number = this.#count
    this.#count += 1
    this.#numbers.set(rule, number)
    this.#tell({ number, rule })
    return number
  }

  #forget(): void {
    this.#numbers = new WeakMap()
    this.#count = 0
    this.#tell('forget')
  }
}

/** The primary's side: knows the rules of one worker by their numbers. */
export class NumberedRules {
  readonly #rules = new Map<number, LimitRule>()

  learn({ number, rule }: NumberedRule): void {
    this.#rules.set(number, rule)
  }

  forget(): void {
    this.#rules.clear()
  }

  takeOf({ rules, values, caller, tokens }: NumberedTake): LimitTake {
    const asks = rules.map((number, place) => {
      const rule = this.#rules.get(number)
      if (rule === undefined) throw new Error(`a worker asks for rule ${number}, which it has not told`)
      return { rule, value: values?.[place] ?? undefined }
    })
    return { asks, caller, tokens }
  }
}

export function countsOf(states: readonly LimitState[]): readonly number[] {
  return states.flatMap(({ before, after, resetMs }) => [before, after, resetMs])
}

export function statesOf(counts: readonly number[]): readonly LimitState[] {
  const states: LimitState[] = []
  for (let at = 0; at + 2 < counts.length; at += 3)
    states.push({ before: counts[at] ?? 0, after: counts[at + 1] ?? 0, resetMs: counts[at + 2] ?? 0 })
  return states
}
