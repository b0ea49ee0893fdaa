import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sampleBudget } from '../stores/laws/sample-budgets.ts'
import { accountIdOf, readAccountId } from './account-id.ts'

const rule = sampleBudget({ id: 'key ci/each usd/day by user' })

describe('the id of an account', () => {
  it('is the rule, the window and the value, in this order', () => {
    expect(accountIdOf({ rule, value: undefined }, { id: '2026-11-29' })).toBe('key ci/each usd/day by user@2026-11-29')
    expect(accountIdOf({ rule, value: 'acme/ada' }, { id: '2026-W48' })).toBe(
      'key ci/each usd/day by user@2026-W48[acme%2Fada]',
    )
  })

  it('is read back into its parts, whatever the rule and the value are called', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, unit: 'binary' }),
        fc.constantFrom('2026-11-29', '2026-W48', '2026-Q4', '2026', 'total', '2026-11-29T14Z'),
        fc.option(fc.string({ unit: 'binary' }), { nil: undefined }),
        (ruleId, windowId, value) => {
          const id = accountIdOf({ rule: { ...rule, id: ruleId }, value }, { id: windowId })
          expect(readAccountId(id)).toEqual({ ruleId, windowId, value })
        },
      ),
    )
  })

  it('N7: is made of a value that is no whole Unicode too, and such values share an account', () => {
    const idOf = (value: string) => accountIdOf({ rule, value }, { id: 'total' })
    expect(readAccountId(idOf('acme/\ud800')).value).toBe('acme/\ufffd')
    expect(idOf('acme/\udc00')).toBe(idOf('acme/\ud800'))
  })

  it('is read with an empty value too, which kept books may hold', () => {
    expect(readAccountId('rule@total[]')).toEqual({ ruleId: 'rule', windowId: 'total', value: '' })
  })

  it.each(['', 'rule', 'rule@', '@total', 'rule@total[', 'rule@total[a', 'rule@total[a][b]', 'rule@to tal'])(
    'is not %j',
    (text) => {
      expect(() => readAccountId(text)).toThrow(`"${text}" names no account`)
    },
  )
})
