import { describe, expect, it } from 'vitest'
import { budgetUnits, type BudgetRule } from '../../src/canonical/budget.ts'
import { readAccountKey } from '../../src/canonical/account-key.ts'
import { readPostings } from '../../src/ledger/amounts.ts'
import { GatewayError } from '../../src/canonical/error.ts'
import { openLedger } from '../../src/stores/embedded/ledger.ts'
import { sampleBudget } from '../../src/stores/laws/sample-budgets.ts'
import type { HoldAsk, Ledger } from '../../src/stores/ports/ledger.ts'
import { noLedger, openHouse } from '../pretend-house.ts'
import { seededRandom } from '../replay-upstream.ts'
import { turnedClock } from '../turned-clock.ts'
import { proofMs, proofSize } from './size.ts'

/*
 * 500 calls at once, with room for exactly k of them: the check that every gateway fails that looks first and counts later. The
 * real attempts, meters and ledger; only the network is made up.
 */
const calls = 500

/** Whose budget it is: one of everybody, or one for each of something. */
const scopes = [
  'organisation',
  'team',
  'project',
  'user',
  'agent',
  'key',
  'model',
  'metadata.customer',
  'run',
  'everybody',
] as const
const units = budgetUnits.filter((unit) => unit !== 'seconds')

const caller = {
  team: 'search',
  project: 'crawler',
  user: 'ada',
  agent: 'fetcher',
  runId: 'run 7',
  metadata: { customer: 'c1' },
}
const prices = { a: { m: { input: '1', output: '4' } } }

describe.each(units)('500 calls at once on a budget in %s', (unit) => {
  it.each(scopes)(
    'I1: of %s, with room for exactly k, are admitted k times',
    async (scope) => {
      const rule = sampleBudget({ unit, by: scope === 'everybody' ? undefined : readAccountKey(scope) })
      const most = await mostOfOne(rule)
      const { numRuns: seeds, seed: first = 1 } = proofSize(2)
      for (let seed = first; seed < first + seeds; seed += 1) await admits(rule, most, seed)
    },
    proofMs,
  )
})

async function admits(rule: BudgetRule, most: bigint, seed: number): Promise<void> {
  const random = seededRandom(seed)
  const room = Math.floor(random() * 60)
  // Less than one more call needs is left over.
  const cap = most * BigInt(room) + BigInt(Math.floor(random() * Number(most)))
  const ledger = await openBooks()
  const house = openHouse({ targets: ['a'], seed, budgets: [{ ...rule, cap }], ledger, prices, caller })
  house.behave(() => ({
    status: 200,
    afterMs: 5,
    inputTokens: Math.ceil(random() * 9),
    outputTokens: Math.ceil(random() * 9),
  }))
  const running = Array.from({ length: calls }, () => house.call().ended)
  await house.turn(1)
  expect(house.sent, `seed ${seed}`).toHaveLength(room)
  const [{ held } = { held: 0n }] = await ledger.balances([{ ...rule, cap }])
  expect(held).toBe(most * BigInt(room))
  await house.turn(10)
  await Promise.all(running)
  const problems = house.calls.flatMap(({ problem }) => problem ?? [])
  expect(problems).toEqual(Array.from({ length: calls - room }, () => 'budget_exceeded'))
  const posted = house.records
    .flatMap(({ postings }) => readPostings(postings ?? '[]'))
    .reduce((sum, { amount }) => sum + amount, 0n)
  const balances = await ledger.balances([{ ...rule, cap }])
  expect(balances.reduce((sum, one) => sum + one.posted, 0n)).toBe(posted)
  expect(balances.reduce((sum, one) => sum + one.held, 0n)).toBe(0n)
  expect(posted).toBeLessThanOrEqual(cap)
}

/** What one such call sets aside. */
async function mostOfOne(rule: BudgetRule): Promise<bigint> {
  const asked: HoldAsk[] = []
  const ledger: Ledger = {
    ...noLedger,
    reserve: (ask) => {
      asked.push(ask)
      return Promise.reject(new GatewayError('ledger_unavailable'))
    },
  }
  const house = openHouse({ targets: ['a'], seed: 1, budgets: [{ ...rule, cap: 10n ** 15n }], ledger, prices, caller })
  await house.callEvery(1, 1)
  const { nanos = 0n, tokens, calls: counted } = asked[0]?.most ?? { tokens: 0n, calls: 0n }
  return { usd: nanos, tokens, calls: counted, seconds: 0n }[rule.unit]
}

async function openBooks() {
  return await openLedger({
    clock: turnedClock(),
    accounts: { read: async () => [], below: async () => [] },
    entries: { append: async () => {}, grants: async () => [] },
  })
}
