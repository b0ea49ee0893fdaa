import { GatewayError } from '../../canonical/error.ts'
import { noUsage } from '../../canonical/usage.ts'
import type { DeclaredReserve } from '../../providers/provider.ts'
import type { AttemptMeter, Declared } from '../attempt-meter.ts'
import { holdOf, spendOf, type Budgeted, type Hold } from '../budget.ts'
import type { Launch, Meter } from '../meter.ts'
import type { Parts } from '../parts.ts'

/** What a declaration counts as, in a record. */
export function declaredOf(reserve: DeclaredReserve | undefined): Declared {
  return { usage: { ...noUsage, inputUncached: reserve?.tokens ?? 0 }, costNanos: reserve?.usd }
}

/**
 * Sets aside what the config declares, in every budget above the call.
 * @param place where it goes, for people: `openai`.
 * @param calls how many calls it counts. Default: one, unless the exchange has been counted.
 * @param key where the config declares it: `providers.openai.reserve.batches`.
 * @returns `undefined` where no budget is above it.
 * @throws GatewayError `budget_exceeded`; `unsupported` where a budget counts what is not declared: nothing bounds it then.
 */
export async function setAsideDeclared(
  budgeted: Budgeted | undefined,
  reserve: DeclaredReserve | undefined,
  declared: Declared,
  { place, key, calls }: { readonly place: string; readonly key: string; readonly calls?: bigint | undefined },
  meter: Pick<Meter, 'nextHold' | 'refusedAt'>,
  { ledger }: Pick<Parts, 'ledger'>,
): Promise<Hold | undefined> {
  if (!budgeted) return undefined
  for (const { rule } of budgeted.asks) {
    const isDeclared =
      rule.unit === 'usd' ? reserve?.usd !== undefined : rule.unit === 'tokens' ? reserve?.tokens !== undefined : true
    if (!isDeclared)
      throw new GatewayError(
        'unsupported',
        `the budget "${rule.name}" of ${rule.level} is kept strictly, and nothing bounds what this may cost: declare \`${key}.${rule.unit}\` in the config`,
      )
  }
  const next = meter.nextHold()
  const { usage, costNanos } = declared
  const worst = { usage, most: spendOf(usage, costNanos, calls ?? next.calls), mayNarrow: false }
  const hold = await holdOf(budgeted, next.holdId, worst, ledger)
  if (!(hold instanceof GatewayError)) return hold
  meter.refusedAt(place, hold.message)
  throw hold
}

/** An attempt of what is carried as it came: it loses nothing, and no cap is set on it. */
type CarriedLaunch = Omit<Launch, 'losses' | 'wasCapped' | 'onSettled'>

/** Opens the attempt that it was set aside for. Where the disk refuses that, nothing has begun, and all of it is free again. */
export function openHeld(
  launch: CarriedLaunch,
  meter: Pick<Meter, 'openAttempt'>,
  { ledger }: Pick<Parts, 'ledger'>,
): AttemptMeter {
  try {
    return meter.openAttempt({ ...launch, losses: [], wasCapped: false, onSettled: () => undefined })
  } catch (thrown) {
    if (launch.hold) ledger.release(launch.hold.id)
    throw thrown
  }
}
