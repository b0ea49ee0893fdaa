import { costUnder } from '../accounting/price.ts'
import { targetPrice } from '../accounting/target-price.ts'
import { GatewayError } from '../canonical/error.ts'
import { writeUsd } from '../canonical/money.ts'
import type { Principal } from '../canonical/principal.ts'
import { inputTokensOf, outputTokensOf, type Usage } from '../canonical/usage.ts'
import { balanceFacts, budgetRefusalOf } from '../policies/budgets/refusal.ts'
import { identify } from '../policies/identity/identify.ts'
import { planFor, type Target } from '../routing/plan.ts'
import { askingOf, expectedUsage } from './asking.ts'
import { budgetsOver, worstOf, type Budgeted, type Worst, mostOf } from './budget.ts'
import type { Exchange } from './exchange.ts'
import { findPermitted } from './find-model.ts'
import type { Parts } from './parts.ts'
import { readAsked } from './read-asked.ts'
import { tryToWord, type Worded } from './word-call.ts'

/**
 * What `POST /v1/quote` tells of a call that is not made: what it is likely to cost and what it can cost at most at each target,
 * which budgets it draws on, and whether they would let it pass now.
 * @throws GatewayError as the call itself would be refused: no valid key, an unreadable body, an unknown or forbidden model, no target.
 */
export async function quote(exchange: Exchange, parts: Parts): Promise<unknown> {
  const { id, headers, endpoint, client } = exchange
  // One version of the config and the directory for the whole exchange (failures.md S11).
  const snapshot = parts.snapshot()
  const principal = identify(headers, snapshot.identity, parts.hashOf, exchange.startedAtMs)
  exchange.admit(principal)
  const body = await client.readBody(snapshot.maxBodyBytes)
  const asked = readAsked(endpoint.dialect, body, exchange.address, headers.one('content-type'))

  const nowMs = parts.clock.nowMs()
  const found = findPermitted(snapshot.catalog, principal, asked.call.modelName)
  const budgeted = budgetsOver(principal, asked, found.model.name, snapshot)
  const plan = planFor(found, askingOf({ headers }, asked, principal, found.model, snapshot, parts))
  const bounded = { asks: budgeted?.asks ?? [], mustBeBounded: true, prices: snapshot.prices }

  const quoteAt = async (target: Target, place: number) => {
    const worded = tryToWord(asked, target, headers, true)
    const isSayable = !(worded instanceof GatewayError)
    const worst = isSayable ? worstOf(bounded, 1n, worded, target, nowMs) : worded
    const price = targetPrice(snapshot.prices, target, nowMs)
    const refusal = isSayable ? await refusalOf(budgeted, worst, principal, `quote ${id}/${place}`, parts) : worded
    const expected = expectedUsage(asked)
    return {
      target: target.id,
      provider: target.provider.name,
      model: target.modelName,
      reason: target.reason,
      price: price?.version ?? null,
      expected: amounts(expected, price && costUnder(price, expected)),
      worst: worst instanceof GatewayError ? null : amounts(worst.usage, worst.most.nanos),
      output_cap: isSayable ? (worded.call.outputCapTokens ?? null) : null,
      output_cap_by: isSayable ? cappedBy(worded, budgeted) : 'nobody',
      admitted: refusal === undefined,
      refusal: refusal ? { code: refusal.kind, message: refusal.message, facts: refusal.facts ?? null } : null,
    }
  }
  return {
    object: 'quote',
    observed_at: new Date(nowMs).toISOString(),
    model: asked.call.modelName,
    targets: await Promise.all(plan.targets.map(quoteAt)),
    budgets: await budgetsDrawn(budgeted, parts),
  }
}

/** Where no budget is above the call, none is sent. */
function cappedBy({ addedCapTokens }: Worded, budgeted: Budgeted | undefined): 'caller' | 'gateway' | 'nobody' {
  if (addedCapTokens === undefined) return 'caller'
  return budgeted?.mustBeBounded ? 'gateway' : 'nobody'
}

async function refusalOf(
  budgeted: Budgeted | undefined,
  worst: Worst | GatewayError,
  { keyId }: Principal,
  holdId: string,
  { ledger }: Parts,
): Promise<GatewayError | undefined> {
  if (!budgeted) return undefined
  if (worst instanceof GatewayError) return budgeted.mustBeBounded ? worst : undefined
  const verdict = await ledger.probe({ holdId, caller: keyId, asks: budgeted.asks, most: worst.most })
  const rule = verdict.kind === 'refused' ? budgeted.asks[verdict.place]?.rule : undefined
  return verdict.kind === 'refused' && rule ? budgetRefusalOf(rule, verdict, mostOf(worst)) : undefined
}

/** The accounts that the call would draw on. */
async function budgetsDrawn(budgeted: Budgeted | undefined, { ledger }: Parts) {
  if (!budgeted) return []
  const balances = await ledger.balancesFor(budgeted.asks)
  return budgeted.asks.flatMap(({ rule }, place) => {
    const balance = balances[place]
    return balance ? [balanceFacts(rule, balance)] : []
  })
}

function amounts(usage: Usage | undefined, nanos: bigint | undefined) {
  return {
    input_tokens: usage ? inputTokensOf(usage) : null,
    output_tokens: usage ? outputTokensOf(usage) : null,
    usd: nanos === undefined ? null : writeUsd(nanos),
  }
}
