import { describe, expect, it } from 'vitest'
import { applyToHold, isSame, LedgerFault, type Draw, type Hold, type HoldEvent } from './hold.ts'

const draws: readonly Draw[] = [
  { accountId: 'key', amount: 10n },
  { accountId: 'team', amount: 20n },
]
const with2 = (key: bigint, team: bigint): readonly Draw[] => [
  { accountId: 'key', amount: key },
  { accountId: 'team', amount: team },
]
const smaller = with2(10n, 5n)

const phases = ['reserved', 'dispatched', 'unknown', 'posted', 'voided'] as const
const events = {
  dispatch: { kind: 'dispatch' },
  shrink: { kind: 'shrink', draws: smaller },
  void: { kind: 'void' },
  doubt: { kind: 'doubt' },
  post: { kind: 'post', draws: smaller },
} as const satisfies Readonly<Record<HoldEvent['kind'], HoldEvent>>

/** What may follow what: the phase afterwards, `again` for a repetition that changes nothing, or a fault. */
const table: Readonly<Record<(typeof phases)[number], Readonly<Record<HoldEvent['kind'], string>>>> = {
  reserved: { dispatch: 'dispatched', shrink: 'fault', void: 'voided', doubt: 'fault', post: 'fault' },
  dispatched: { dispatch: 'again', shrink: 'dispatched', void: 'voided', doubt: 'unknown', post: 'posted' },
  unknown: { dispatch: 'fault', shrink: 'fault', void: 'voided', doubt: 'again', post: 'posted' },
  posted: { dispatch: 'fault', shrink: 'fault', void: 'fault', doubt: 'fault', post: 'fault' },
  voided: { dispatch: 'fault', shrink: 'fault', void: 'again', doubt: 'fault', post: 'fault' },
}

describe.each(phases)('a hold that is %s', (phase) => {
  it.each(Object.values(events))('knows what $kind is then (I5, I9)', (event) => {
    const hold: Hold = { phase, draws }
    const expected = table[phase][event.kind]
    if (expected === 'fault')
      expect(() => applyToHold(hold, event)).toThrow(`a hold that is ${phase} cannot be changed by ${event.kind}`)
    else if (expected === 'again') expect(applyToHold(hold, event)).toBe(hold)
    else {
      const isChanged = event.kind === 'shrink' || event.kind === 'post'
      expect(applyToHold(hold, event)).toEqual({ phase: expected, draws: isChanged ? smaller : draws })
    }
  })
})

describe('a hold', () => {
  const left: Hold = { phase: 'dispatched', draws }

  it('I9: that is posted again with the same amounts stays as it is', () => {
    const posted: Hold = { phase: 'posted', draws }
    expect(applyToHold(posted, { kind: 'post', draws: with2(10n, 20n) })).toBe(posted)
    expect(() => applyToHold({ phase: 'voided', draws }, { kind: 'post', draws })).toThrow(LedgerFault)
  })

  it.each([
    ['to nothing', with2(0n, 0n), true],
    ['not at all', with2(10n, 20n), true],
    ['to more in one account', with2(9n, 21n), false],
    ['below nothing', with2(-1n, 20n), false],
    ['in fewer accounts', with2(1n, 1n).slice(0, 1), false],
    ['in more accounts', [...with2(1n, 1n), { accountId: 'organisation', amount: 1n }], false],
    [
      'in another account',
      [
        { accountId: 'key', amount: 1n },
        { accountId: 'user', amount: 1n },
      ],
      false,
    ],
    ['in another order', with2(1n, 1n).toReversed(), false],
  ])('I3: may shrink %s, or may not', (_, next, isRight) => {
    const shrink = () => applyToHold(left, { kind: 'shrink', draws: next })
    if (isRight) expect(shrink()).toEqual({ phase: 'dispatched', draws: next })
    else expect(shrink).toThrow(LedgerFault)
  })

  it.each([
    ['beyond what is held', with2(99n, 99n), true],
    ['in fewer accounts', with2(1n, 1n).slice(0, 1), false],
    ['in more accounts', [...with2(1n, 1n), { accountId: 'organisation', amount: 1n }], false],
    [
      'in another account',
      [
        { accountId: 'key', amount: 1n },
        { accountId: 'user', amount: 1n },
      ],
      false,
    ],
  ])('I13: may be posted %s, or may not', (_, posted, isRight) => {
    const post = () => applyToHold(left, { kind: 'post', draws: posted })
    if (isRight) expect(post()).toEqual({ phase: 'posted', draws: posted })
    else expect(post).toThrow(LedgerFault)
  })

  it('is the same as another with the same amounts, account by account', () => {
    expect(isSame(draws, with2(10n, 20n))).toBe(true)
    expect(isSame(draws, with2(10n, 21n))).toBe(false)
    expect(isSame(draws, draws.slice(0, 1))).toBe(false)
    expect(isSame([], [])).toBe(true)
  })

  it('tells a fault by its name', () => {
    expect(new LedgerFault('x')).toMatchObject({ name: 'LedgerFault', message: 'x' })
  })
})
