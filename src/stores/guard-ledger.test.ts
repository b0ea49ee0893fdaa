import { describe, expect, it } from 'vitest'
import { noLedger } from '../../test/pretend-house.ts'
import { GatewayError } from '../canonical/error.ts'
import { LedgerFault } from '../ledger/hold.ts'
import { guardLedger } from './guard-ledger.ts'
import { sampleBudget, sampleHold, spend } from './laws/sample-budgets.ts'
import type { Ledger } from './ports/ledger.ts'

const fail = () => {
  throw new LedgerFault('a step that nobody knows')
}
const ask = sampleHold('a/1', [sampleBudget()], spend(5n))

function guarded(broken: Partial<Ledger>) {
  const faults: LedgerFault[] = []
  const whole: Ledger = { ...noLedger, reserve: async () => ({ kind: 'granted', entry: '[["a","5"]]', states: '[]' }) }
  return { faults, ledger: guardLedger({ ...whole, ...broken }, (fault) => void faults.push(fault)) }
}

describe('a fault of the ledger', () => {
  it('refuses a call that has not left, and is told', async () => {
    const reserving = guarded({ reserve: async () => fail() })
    await expect(reserving.ledger.reserve(ask)).rejects.toMatchObject({ kind: 'internal' })
    const leaving = guarded({ dispatch: fail })
    expect(() => leaving.ledger.dispatch('a/1')).toThrow(GatewayError)
    expect([reserving.faults, leaving.faults].map((faults) => faults.length)).toEqual([1, 1])
  })

  it('I6: counts a call that has left at what its intent carries', async () => {
    const { faults, ledger } = guarded({ settle: fail })
    await ledger.reserve(ask)
    expect(ledger.settle('a/1', spend(1n))).toEqual({ entry: '[["a","5"]]', excess: [] })
    expect(faults).toHaveLength(1)
  })

  it('leaves all of it set aside where it cannot be less', async () => {
    const { faults, ledger } = guarded({ shrunkEntry: fail, shrink: fail, void: fail })
    await ledger.reserve(ask)
    expect(ledger.shrunkEntry('a/1', spend(1n))).toBe('[["a","5"]]')
    expect(ledger.shrink('a/1', spend(1n))).toBe('[["a","5"]]')
    ledger.void('a/1')
    expect(faults).toHaveLength(3)
  })

  it('is told apart from every other problem, which passes', async () => {
    const { faults, ledger } = guarded({
      reserve: async () => {
        throw new GatewayError('ledger_unavailable')
      },
      settle: () => {
        throw new Error('something else')
      },
    })
    await expect(ledger.reserve(ask)).rejects.toMatchObject({ kind: 'ledger_unavailable' })
    expect(() => ledger.settle('a/1', spend(1n))).toThrow('something else')
    expect(faults).toEqual([])
  })
})
