import { describe, expect, it } from 'vitest'
import { chooseCredential } from './credentials.ts'

const credentials = [
  { id: 'p#0', secret: 'a', weight: 3 },
  { id: 'p#1', secret: 'b', weight: 1 },
  { id: 'p#2', secret: 'c', weight: 0.5 },
]

describe('choosing a credential', () => {
  it.each([
    [0, 'p#0'],
    [0.66, 'p#0'],
    [0.67, 'p#1'],
    [0.88, 'p#1'],
    [0.89, 'p#2'],
    [0.999_999_999_999, 'p#2'],
  ])('the lot %d falls on %s', (lot, id) => {
    expect(
      chooseCredential(
        { credentials },
        () => lot,
        () => true,
      )?.id,
    ).toBe(id)
  })

  it('those that are not usable are left out, and their share with them (D3 19)', () => {
    const chosen = new Set(
      [0, 0.3, 0.6, 0.7, 0.99].map(
        (lot) =>
          chooseCredential(
            { credentials },
            () => lot,
            ({ id }) => id !== 'p#0',
          )?.id,
      ),
    )
    expect([...chosen]).toEqual(['p#1', 'p#2'])
  })

  it('none is chosen when none is usable', () => {
    expect(
      chooseCredential(
        { credentials },
        () => 0,
        () => false,
      ),
    ).toBeUndefined()
  })

  it('a single one is chosen without a draw', () => {
    expect(chooseCredential({ credentials: credentials.slice(1, 2) }, draw, () => true)?.id).toBe('p#1')
  })
})

function draw(): number {
  throw new Error('no draw is due')
}
