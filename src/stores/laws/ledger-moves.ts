import fc from 'fast-check'
import type { BudgetRule } from '../../canonical/budget.ts'
import { sampleBudget } from './sample-budgets.ts'

/** One thing that happens to a ledger. Places are taken modulo how many there are, so that every move can be made. */
export type LedgerMove =
  /** Attempts that ask at once. */
  | { readonly kind: 'reserve'; readonly asks: readonly MoveAsk[] }
  /** Its intent is written; `mayLeave`: and it leaves. */
  | { readonly kind: 'intend'; readonly hold: number; readonly mayLeave: boolean }
  | { readonly kind: 'shrink'; readonly hold: number; readonly perCent: number }
  /** To so much of what is set aside; more than 100: the provider broke its bound. */
  | { readonly kind: 'settle'; readonly hold: number; readonly perCent: number; readonly isPriced: boolean }
  | { readonly kind: 'void'; readonly hold: number }
  | { readonly kind: 'cap'; readonly rule: number; readonly cap: bigint | undefined }
  | { readonly kind: 'top-up'; readonly rule: number; readonly value: number; readonly amount: bigint }
  | {
      readonly kind: 'raise'
      readonly rule: number
      readonly value: number | undefined
      readonly amount: bigint
      readonly forMs: number
    }
  /** A period is priced anew. */
  | { readonly kind: 'adjust'; readonly rule: number; readonly value: number; readonly amount: bigint }
  /** Somebody learns what an attempt came to whose end nobody knew; or learns it anew. */
  | { readonly kind: 'resolve'; readonly doubt: number; readonly nanos: bigint; readonly tokens: bigint | undefined }
  | { readonly kind: 'turn'; readonly ms: number }
  | { readonly kind: 'restart' }
  /** A process dies while its attempts ask. */
  | { readonly kind: 'kill'; readonly process: number; readonly asks: readonly MoveAsk[] }

export interface MoveAsk {
  readonly process: number
  /** Which rules are above it, bit by bit. */
  readonly rules: number
  readonly value: number
  readonly caller: number
  readonly nanos: bigint | undefined
  readonly tokens: bigint
  readonly calls: bigint
}

/** Several units, windows, values and bounds; most of them small enough to be used up. */
export function moveRules(prefix: string): readonly BudgetRule[] {
  const rule = (name: string, fields: Partial<BudgetRule>) =>
    sampleBudget({ id: `${prefix}/${name} ${fields.unit ?? 'usd'}/${fields.per ?? 'day'}`, name, ...fields })
  return [
    rule('organisation', { cap: 2_000n, per: 'total', unpricedNanos: 90n }),
    rule('team', { cap: 600n }),
    rule('each', { cap: 300n, by: { kind: 'user' }, mostPerCall: 250n }),
    rule('volume', { unit: 'tokens', cap: 1_000n, per: 'hour' }),
    rule('runs', { unit: 'calls', cap: 6n, by: { kind: 'run' }, mostOpenPerKey: 3 }),
  ]
}

export const moveValues = ['acme/ada', 'acme/bob', undefined] as const

const place = fc.nat({ max: 40 })
const amount = (max: bigint) => fc.bigInt({ min: 0n, max })
const asks = (minLength: number) =>
  fc.array(
    fc.record({
      process: place,
      rules: fc.integer({ min: 1, max: 31 }),
      value: place,
      caller: fc.nat({ max: 1 }),
      nanos: fc.option(amount(260n), { nil: undefined, freq: 12 }),
      tokens: amount(400n),
      calls: amount(1n),
    }),
    { minLength, maxLength: 5 },
  )

export const ledgerMoves: fc.Arbitrary<readonly LedgerMove[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ kind: fc.constant('reserve' as const), asks: asks(1) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('intend' as const), hold: place, mayLeave: fc.boolean() }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('shrink' as const), hold: place, perCent: fc.nat({ max: 110 }) }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('settle' as const),
        hold: place,
        perCent: fc.oneof(fc.nat({ max: 100 }), fc.nat({ max: 150 })),
        isPriced: fc.boolean(),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('void' as const), hold: place }) },
    fc.record({
      kind: fc.constant('cap' as const),
      rule: place,
      cap: fc.option(amount(1_500n), { nil: undefined }),
    }),
    fc.record({ kind: fc.constant('top-up' as const), rule: place, value: place, amount: amount(300n) }),
    fc.record({
      kind: fc.constant('raise' as const),
      rule: place,
      value: fc.option(place, { nil: undefined }),
      amount: amount(300n),
      forMs: fc.nat({ max: 7_200_000 }),
    }),
    fc.record({
      kind: fc.constant('adjust' as const),
      rule: place,
      value: place,
      amount: fc.bigInt({ min: -50n, max: 50n }),
    }),
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('resolve' as const),
        doubt: place,
        nanos: amount(300n),
        tokens: fc.option(amount(500n), { nil: undefined }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('turn' as const), ms: fc.nat({ max: 5_400_000 }) }) },
    fc.record({ kind: fc.constant('restart' as const) }),
    fc.record({ kind: fc.constant('kill' as const), process: place, asks: asks(0) }),
  ),
  { minLength: 1, maxLength: 60, size: 'max' },
)
