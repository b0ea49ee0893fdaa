import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answerTokens } from './answer-text.ts'
import { countTokens, tokensOf } from './tokens.ts'

describe('the tokens of the simulated provider', () => {
  it('are words and signs', () => {
    expect(tokensOf('The weir, un-measured 1234567890!')).toEqual([
      'The',
      ' weir',
      ',',
      ' un',
      '-',
      'measured',
      ' 12345678',
      '90',
      '!',
    ])
    expect(countTokens('')).toBe(0)
  })

  it('joined are the text again, none is empty, and there are no more of them than characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const tokens = tokensOf(text)
        expect(tokens.join('')).toBe(text)
        expect(tokens.every((one) => one !== '')).toBe(true)
        expect(tokens.length).toBeLessThanOrEqual(text.length)
      }),
    )
  })

  it.each([0, 1, 7, 400])('an answer of %d tokens has exactly so many, also when it is counted again', (length) => {
    const tokens = answerTokens(5, length)
    expect([tokens.length, countTokens(tokens.join(''))]).toEqual([length, length])
  })

  it('the same seed gives the same answer, another seed another one, and it says that it is simulated', () => {
    const [one, again, other] = [1, 1, 2].map((seed) => answerTokens(seed, undefined).join(''))
    expect(one).toBe(again)
    expect(other).not.toBe(one)
    expect(one).toContain('simulated')
  })
})
