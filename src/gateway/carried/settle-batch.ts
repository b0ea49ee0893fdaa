import { inBatch } from '../../accounting/surcharge.ts'
import { takenOff } from '../../canonical/decision.ts'
import { GatewayError } from '../../canonical/error.ts'
import { isJsonObject } from '../../canonical/json.ts'
import { writeUsd, type Nanos } from '../../canonical/money.ts'
import type { Principal } from '../../canonical/principal.ts'
import type { UsageRecord } from '../../canonical/usage-record.ts'
import { inputTokensOf, outputTokensOf } from '../../canonical/usage.ts'
import { owedAsksOf } from '../../policies/budgets/asks.ts'
import { noBudgets } from '../../policies/budgets/rules.ts'
import type { Declared, DeclaredPrice } from '../attempt-meter.ts'
import type { Hold } from '../budget.ts'
import type { Parts } from '../parts.ts'
import type { Snapshot } from '../snapshot.ts'
import { BatchTally } from './batch-tally.ts'
import type { Destination } from './destination.ts'
import { modelNameAt } from './inner-calls.ts'
import { carriedCallOf } from './carried-call.ts'
import { answered } from './outcome.ts'
import { nothingUsed } from './relay-carried.ts'
import { targetOf, type CarryingRoute } from './send.ts'
import { openHeld } from './set-aside.ts'

/** What a batch counted as when it was made; kept with its id until it has told what it used. */
interface OpenBatch {
  readonly keyId: string
  /** As the client named it. */
  readonly modelName: string
  /** `null`: nothing was declared. */
  readonly nanos: string | null
  readonly tokens: number
  /** Of the record that counted it. */
  readonly requestId: string
  readonly attempt: number
  /** What that record posted, as it carries it; `null`: no budget was above it. */
  readonly postings: string | null
}

/** @param record that has counted the batch as it is declared. */
export function writeOpenBatch(
  { keyId }: Principal,
  modelName: string,
  { usage, costNanos }: Declared,
  { requestId, attempt, postings }: Pick<UsageRecord, 'requestId' | 'attempt' | 'postings'>,
): string {
  const tokens = inputTokensOf(usage) + outputTokensOf(usage)
  const nanos = costNanos?.toString() ?? null
  const posted = { requestId, attempt, postings: postings ?? null }
  return JSON.stringify({ keyId, modelName, nanos, tokens, ...posted } satisfies OpenBatch)
}

/** @returns for which model a batch was made that this caller has still to settle, as it was named then; `undefined`: there is none. */
export async function openModelOf(
  id: string,
  { keyId }: Pick<Principal, 'keyId'>,
  { stateHolders }: Pick<Parts, 'stateHolders'>,
): Promise<string | undefined> {
  return readOpenBatch(await stateHolders.openOf({ id, keyId }))?.modelName
}

/** Adds up what a batch used, at the prices of the model that it asks at its provider. */
export function openTally(
  { snapshot, parts }: CarryingRoute,
  { provider }: Destination,
  modelName: string | undefined,
  principal: Principal,
): BatchTally {
  const atMs = parts.clock.nowMs()
  return new BatchTally((responseModel, service) => {
    const nameThere = modelName === undefined ? undefined : nameAt(modelName, { provider }, principal, snapshot)
    const names = [...new Set([responseModel, nameThere])].filter((name) => name !== undefined)
    // A batch is a tier of its own; what it may be besides is held to a place.
    const place = service?.split(' ').find((word) => word.startsWith('geo:'))
    const found = snapshot.prices.priceFor(provider.name, provider.priceProvider, names, atMs, place)
    return found.kind === 'priced' ? inBatch(found.price) : undefined
  })
}

/** What a model is called at the provider of a batch. `undefined`: the config has changed since the batch was made. */
export function nameAt(
  modelName: string,
  { provider }: Pick<Destination, 'provider'>,
  principal: Principal,
  snapshot: Snapshot,
): string | undefined {
  try {
    return modelNameAt(modelName, provider, principal, snapshot)
  } catch (thrown) {
    if (thrown instanceof GatewayError) return undefined
    throw thrown
  }
}

/**
 * Records what a batch has used, in place of what was declared for it: once, when the key that made it looks. The record's cost is
 * the difference, and may be below zero. Budgets are drawn on now for what is more; what is less is given back where it was
 * posted, perhaps in a period that is over.
 * @param tally the whole of it.
 * @throws GatewayError `ledger_unavailable`, `store_unavailable`: then it counts as it was declared.
 */
export async function settleBatch(
  carrying: CarryingRoute,
  id: string,
  { usage, costNanos: actual, responseModel, price }: BatchTally,
  destination: Destination,
  principal: Principal,
): Promise<void> {
  const { meter, snapshot, parts } = carrying
  const asked = { id, keyId: principal.keyId }
  const open = readOpenBatch(await parts.stateHolders.openOf(asked))
  if (!open) return
  const entry = snapshot.catalog.find(open.modelName)?.model
  const hold = await holdOwed(open.modelName, entry?.name ?? '')
  if (!(await isTaken())) return

  const before = open.nanos === null ? 0n : BigInt(open.nanos)
  const difference = actual === undefined ? undefined : actual - before
  const tokens = BigInt(inputTokensOf(usage) + outputTokensOf(usage))
  const more = { nanos: atLeastZero(difference ?? 0n), tokens: atLeastZero(tokens - BigInt(open.tokens)), calls: 0n }
  const nameThere = nameAt(open.modelName, destination, principal, snapshot)
  const launch = {
    target: targetOf(carrying, destination, 'the batch has ended', nameThere),
    // It counts where the batch counted, also when its entry is gone.
    model: { name: entry?.name ?? open.modelName },
    credential: destination.credential,
    reason: `batch ${id} has told what it used; ${open.nanos ?? 'nothing'} nano-dollars were counted for it`,
    kind: 'first',
    hold,
    declared: { usage, costNanos: difference, posts: more, price: price && lessWhatWasCounted(price, before) },
  } as const
  const account = openHeld(launch, meter, parts)
  account.leaves()
  account.settle(answered('ok', 200, { ...nothingUsed, usage, responseModel }))
  const { requestId, attempt, postings } = open
  if (postings !== null)
    await parts.ledger.giveBack({
      requestId,
      attempt,
      postings,
      cameTo: { nanos: actual, tokens },
      subject: `batch ${id}`,
    })

  /** A budget that has no room is drawn on all the same: it was spent. */
  async function holdOwed(modelName: string, catalogName: string): Promise<Hold | undefined> {
    const rulesOfModel = snapshot.modelBudgets.get(catalogName) ?? noBudgets
    const asks = owedAsksOf(principal.budgets, rulesOfModel, principal, carriedCallOf(modelName))
    if (asks.length === 0) return undefined
    const { holdId } = meter.nextHold()
    const most = { nanos: 0n, tokens: 0n, calls: 0n }
    const verdict = await parts.ledger.reserve({ holdId, caller: principal.keyId, asks, most, isOwed: true })
    if (verdict.kind === 'refused') throw new Error('a budget refused what was spent already')
    return { id: holdId, entry: verdict.entry, states: verdict.states, worst: { usage, most, mayNarrow: false } }
  }

  /** The last step before the record: until then another look settles it, and while the disk refuses it stays open. */
  async function isTaken(): Promise<boolean> {
    let taken: string | undefined
    try {
      await parts.usage.written()
      taken = await parts.stateHolders.takeOpen(asked)
      return taken !== undefined
    } finally {
      if (taken === undefined && hold) parts.ledger.release(hold.id)
    }
  }
}

/** The rates of the batch, and beside them what its record takes off. */
function lessWhatWasCounted({ version, ratesOf }: DeclaredPrice, nanos: Nanos): DeclaredPrice {
  if (nanos === 0n) return { version, ratesOf }
  // Rates are dollars per million.
  const perMillion = writeUsd(nanos * -1_000_000n).replace(/\.?0+$/, '')
  return { version, ratesOf: (usage) => ({ ...ratesOf(usage), [takenOff]: perMillion }) }
}

function atLeastZero(amount: bigint): bigint {
  return amount > 0n ? amount : 0n
}

function readOpenBatch(text: string | undefined): OpenBatch | undefined {
  const value: unknown = text === undefined ? undefined : JSON.parse(text)
  if (!isJsonObject(value)) return undefined
  const { keyId, modelName, nanos, tokens, requestId, attempt, postings } = value
  if (typeof keyId !== 'string' || typeof modelName !== 'string' || typeof tokens !== 'number') return undefined
  const declared = { keyId, modelName, nanos: typeof nanos === 'string' ? nanos : null, tokens }
  // Earlier versions did not note where it was posted: nothing of such a batch is given back.
  if (typeof requestId !== 'string' || typeof attempt !== 'number' || typeof postings !== 'string')
    return { ...declared, requestId: '', attempt: 0, postings: null }
  return { ...declared, requestId, attempt, postings }
}
