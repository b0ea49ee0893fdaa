import { isJsonObject, type JsonObject } from '../../canonical/json.ts'
import type { Nanos } from '../../canonical/money.ts'
import type { Principal } from '../../canonical/principal.ts'
import { inputTokensOf, outputTokensOf } from '../../canonical/usage.ts'
import { GatewayError } from '../../canonical/error.ts'
import { dialects } from '../../dialects/all.ts'
import type { Declared } from '../attempt-meter.ts'
import { budgetsOver, holdOf, type Hold } from '../budget.ts'
import type { Door } from './door.ts'
import { modelNameAt } from './inner-calls.ts'
import { carriedCallOf } from './parcel.ts'
import { nothingUsed } from './relay-carried.ts'
import { targetOf, type CarryingRoute } from './send.ts'

/** What a batch counted as when it was made; kept with its id until it has told what it used. */
interface OpenBatch {
  readonly keyId: string
  /** As the client named it. */
  readonly modelName: string
  /** `null`: nothing was declared. */
  readonly nanos: string | null
  readonly tokens: number
}

export function writeOpenBatch({ keyId }: Principal, modelName: string, { usage, costNanos }: Declared): string {
  const tokens = inputTokensOf(usage) + outputTokensOf(usage)
  return JSON.stringify({ keyId, modelName, nanos: costNanos?.toString() ?? null, tokens } satisfies OpenBatch)
}

/** A batch costs half of what its calls would (OpenAI docs, Batch API, read 2026-11). */
const batchShare = 2n

/** From here on its usage does not change. */
const ended: readonly unknown[] = ['completed', 'failed', 'expired', 'cancelled']

/**
 * Where a batch of OpenAI's has ended and tells what it used, that is recorded in place of what was declared for it: once, when the
 * key that made it looks. The record's cost is the difference, and may be below zero. Budgets are drawn on for more, never given
 * back to: the declared amount may stand in a period that is over.
 */
export async function settleBatch(
  carrying: CarryingRoute,
  batch: JsonObject,
  id: string,
  door: Door,
  principal: Principal,
): Promise<void> {
  const { meter, snapshot, parts } = carrying
  if (!ended.includes(batch['status'])) return
  const { usage, responseModel } = dialects['openai-responses'].readReply(batch)
  if (!usage || inputTokensOf(usage) + outputTokensOf(usage) === 0) return
  const open = readOpenBatch(await parts.stateHolders.takeOpen({ id, keyId: principal.keyId }))
  if (!open) return

  const actual = costOf()
  const before = open.nanos === null ? 0n : BigInt(open.nanos)
  const difference = actual === undefined ? undefined : actual - before
  const tokens = BigInt(inputTokensOf(usage) + outputTokensOf(usage) - open.tokens)
  const posts = { nanos: atLeastZero(difference ?? 0n), tokens: atLeastZero(tokens), calls: 0n }
  const hold = await holdNothing()
  const account = meter.openAttempt({
    target: targetOf(carrying, door, 'the batch has ended'),
    model: undefined,
    credential: door.credential,
    reason: `batch ${id} has told what it used; ${open.nanos ?? 'nothing'} nano-dollars were counted for it`,
    kind: 'first',
    losses: [],
    hold,
    declared: { usage, costNanos: difference, posts },
    wasCapped: false,
    onSettled: () => undefined,
  })
  account.leaves()
  account.settle({
    status: 'ok',
    errorKind: undefined,
    failureClass: undefined,
    httpStatus: 200,
    facts: { ...nothingUsed, usage, responseModel },
    answerLosses: [],
    isLast: true,
  })

  function costOf(): Nanos | undefined {
    const { provider } = door
    const names = [responseModel, nameThere()].filter((name) => name !== undefined)
    const [first, ...rest] = names
    if (first === undefined || !usage) return undefined
    const found = snapshot.prices.priceFor(provider.name, provider.priceProvider, [first, ...rest], parts.clock.nowMs())
    return found.kind === 'priced' ? found.price.costOf(usage) / batchShare : undefined
  }

  /** The config may have changed since the batch was made. */
  function nameThere(): string | undefined {
    try {
      return modelNameAt(open?.modelName ?? '', door.provider, principal, snapshot)
    } catch (thrown) {
      if (thrown instanceof GatewayError) return undefined
      throw thrown
    }
  }

  /** A budget that has no room is drawn on all the same: it was spent. */
  async function holdNothing(): Promise<Hold | undefined> {
    const modelName = open?.modelName ?? ''
    const catalogName = snapshot.catalog.find(modelName)?.model.name ?? ''
    const budgeted = budgetsOver(principal, { call: carriedCallOf(modelName) }, catalogName, snapshot)
    if (!budgeted || !usage) return undefined
    const worst = { usage, most: { nanos: 0n, tokens: 0n, calls: 0n }, mayNarrow: false }
    const held = await holdOf(budgeted, meter.nextHold().holdId, worst, parts.ledger)
    return held instanceof GatewayError ? undefined : held
  }
}

function atLeastZero(amount: bigint): bigint {
  return amount > 0n ? amount : 0n
}

function readOpenBatch(text: string | undefined): OpenBatch | undefined {
  const value: unknown = text === undefined ? undefined : JSON.parse(text)
  if (!isJsonObject(value)) return undefined
  const { keyId, modelName, nanos, tokens } = value
  if (typeof keyId !== 'string' || typeof modelName !== 'string' || typeof tokens !== 'number') return undefined
  return { keyId, modelName, nanos: typeof nanos === 'string' ? nanos : null, tokens }
}
