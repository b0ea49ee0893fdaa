import { targetPrice } from '../../accounting/target-price.ts'
import { asGatewayError, GatewayError } from '../../canonical/error.ts'
import { inputTokensOf, noUsage, outputTokensOf, usageComponents, type Usage } from '../../canonical/usage.ts'
import type { Target } from '../../routing/plan.ts'
import type { CatalogModel } from '../../routing/catalog.ts'
import type { AttemptMeter } from '../attempt-meter.ts'
import type { Budgeted, Hold } from '../budget.ts'
import type { Destination } from '../carried/destination.ts'
import { answered, unanswered } from '../carried/outcome.ts'
import { nothingUsed } from '../carried/relay-carried.ts'
import { declaredOf, openHeld, setAsideDeclared } from '../carried/set-aside.ts'
import type { Meter } from '../meter.ts'
import type { Parts } from '../parts.ts'
import type { Snapshot } from '../snapshot.ts'

/** The account of one session, in slices: each sets aside what is declared, and is settled at what it used. */
export interface Slices {
  /** More was used. */
  used(usage: Usage): void
  /** Whether the present slice is used up so far that another must be set aside before more is spent. */
  readonly isNearlyUsed: boolean
  /**
   * Sets the next slice aside, then settles the present one.
   * @throws GatewayError `budget_exceeded`.
   */
  enlarge(): Promise<void>
  /** No session came about: nothing was used. */
  abandon(problem: GatewayError | undefined): void
  /** @param isCertain whether everything that was used has been told. Where not, what is set aside counts. */
  settle(status: 'ok' | 'truncated' | 'aborted', problem: GatewayError | undefined, isCertain: boolean): void
}

/** At this share of what is set aside, the same is set aside again. */
const enlargedAt = { numerator: 3n, denominator: 4n } as const

export interface SlicesParts {
  readonly destination: Destination
  readonly target: Target
  readonly model: CatalogModel
  readonly budgeted: Budgeted | undefined
  readonly meter: Meter
  readonly snapshot: Snapshot
  readonly parts: Parts
}

/**
 * Opens the first slice. Its intent is safe when this resolves.
 * @throws GatewayError `budget_exceeded`, `unsupported`, `model_unpriced`.
 */
export async function openSlices(around: SlicesParts): Promise<Slices> {
  const { destination, target, model, budgeted, meter, snapshot, parts } = around
  const { provider, credential } = destination
  const reserve = provider.reserves?.realtime
  const price = targetPrice(snapshot.prices, target, parts.clock.nowMs())
  if (!price && budgeted?.asks.some(({ rule }) => rule.unit === 'usd'))
    throw new GatewayError(
      'model_unpriced',
      `model "${model.name}" has no price, so nothing tells when a budget is reached`,
    )

  const open = async (reason: string, isFirst: boolean): Promise<Slice> => {
    // Of its own each time: by it the account tells what is declared from what was used.
    const declared = declaredOf(reserve)
    const calls = isFirst ? undefined : 0n
    const where = { place: target.id, key: `providers.${provider.name}.reserve.realtime`, calls }
    const hold = await setAsideDeclared(budgeted, reserve, declared, where, meter, parts)
    const launch = { target, model, credential, reason, kind: 'first', hold, declared } as const
    const opened = { account: openHeld(launch, meter, parts), hold, usage: noUsage }
    try {
      await parts.usage.written()
    } catch (thrown) {
      unused(opened, asGatewayError(thrown), 'not-sent', isFirst)
      throw thrown
    }
    opened.account.leaves()
    return opened
  }
  let slice = await open(target.reason, true)
  let next: { usage: Usage } | undefined
  let isOver = false
  const settleSlice = (
    status: 'ok' | 'truncated' | 'aborted',
    problem: GatewayError | undefined,
    isCertain: boolean,
    isLast: boolean,
  ): void =>
    void slice.account.settle(
      answered(status, 101, { ...nothingUsed, usage: slice.usage, isUsageFinal: isCertain }, problem, isLast),
    )
  return {
    used: (usage) => {
      const into = next ?? slice
      into.usage = sumOf(into.usage, usage)
    },
    get isNearlyUsed() {
      if (!slice.hold || !reserve) return false
      const tokens = BigInt(inputTokensOf(slice.usage) + outputTokensOf(slice.usage))
      const isNear = (used: bigint, of: bigint | undefined) =>
        of !== undefined && used * enlargedAt.denominator >= of * enlargedAt.numerator
      return (
        (price !== undefined && isNear(price.costOf(slice.usage), reserve.usd)) ||
        isNear(tokens, reserve.tokens === undefined ? undefined : BigInt(reserve.tokens))
      )
    },
    enlarge: async () => {
      // What comes meanwhile is the next one's.
      next = { usage: noUsage }
      try {
        const opened = await open('the session goes on', false)
        if (isOver) return unused(opened, undefined, 'refused', true)
        settleSlice('ok', undefined, true, false)
        slice = { ...opened, usage: next.usage }
      } catch (thrown) {
        if (!isOver) slice.usage = sumOf(slice.usage, next.usage)
        throw thrown
      } finally {
        next = undefined
      }
    },
    abandon: (problem) => {
      isOver = true
      unused(slice, problem, 'refused', true)
    },
    settle: (status, problem, isCertain) => {
      isOver = true
      if (next) slice.usage = sumOf(slice.usage, next.usage)
      settleSlice(status, problem, isCertain, true)
    },
  }
}

/** Nothing of it was spent. */
function unused(
  { account }: Slice,
  problem: GatewayError | undefined,
  failureClass: 'refused' | 'not-sent',
  isLast: boolean,
): void {
  account.settle(unanswered(failureClass, problem, undefined, isLast))
}

interface Slice {
  readonly account: AttemptMeter
  readonly hold: Hold | undefined
  usage: Usage
}

function sumOf(one: Usage, more: Usage): Usage {
  const sum: Record<keyof Usage, number> = { ...one }
  for (const component of usageComponents) sum[component] += more[component]
  return sum
}
