import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { codesOf } from './codes.ts'
import { openingsOf } from './openings.ts'
import { patternIndex } from './pattern-index.ts'
import { signs } from './injection/signs.ts'

const find = (patterns: readonly RegExp[], text: string) => patternIndex(patterns)(text, codesOf(text))
const oneByOne = (patterns: readonly RegExp[], text: string) =>
  patterns.flatMap((pattern, place) => (text.search(pattern) === -1 ? [] : [place]))

describe('openings of a pattern', () => {
  it.each<[RegExp, readonly string[], boolean]>([
    [/\b(?:ignore|skip) it/, ['ignore', 'skip i'], true],
    [/jail(?:er|s?)\b/, ['jailer', 'jail', 'jails'], false],
    [/<\/?(?:a|b)[^>]{0,9}>/, ['</a', '</b', '<a', '<b', '</a>', '</b>', '<a>', '<b>'], true],
    [/^#{2,3} x/m, ['## x', '### x'], true],
    [/[xy]\d/, ['x', 'y'], false],
    [/\w+z/, [''], false],
    [/Ab/i, [''], false],
    [/(?<![a-z])cat(?!s)/, ['cat'], false],
  ])('%s', (pattern, texts, isAtWord) => {
    const read = openingsOf(pattern)
    expect([...read.texts].toSorted()).toEqual(texts.toSorted())
    expect(read.isAtWord).toBe(isAtWord)
  })

  it('read enough of each sign of attacks that most of a text is never asked', () => {
    const short = signs.map((sign) => Math.min(...[...openingsOf(sign).texts].map(({ length }) => length)))
    expect(short.filter((length) => length >= 3).length).toBeGreaterThanOrEqual(signs.length - 1)
  })
})

describe('the index of patterns', () => {
  it('finds what begins or ends a text, and what is short', () => {
    expect(find([/\bact as\b/, /you/, /!/], 'act as you!')).toEqual([0, 1, 2])
    expect(find([/\bact\b/], 'fact act')).toEqual([0])
    expect(find([/\bact\b/], 'facts actor')).toEqual([])
    expect(find([/abc/], 'ab')).toEqual([])
  })

  it('sees the same as each sign by itself, whatever their words stand among', () => {
    // The words of the signs themselves, and what may stand between them.
    const words = [...new Set(signs.flatMap(({ source }) => source.match(/[a-z]{2,}/g) ?? []))]
    const between = fc.constantFrom(
      ' ',
      '_',
      "'",
      '. ',
      '\n',
      '<',
      '[',
      ']',
      '>',
      ': ',
      '## ',
      '![',
      '](http://',
      'é',
      '中',
    )
    const all = patternIndex(signs)
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...words), between), { maxLength: 40 }), (parts) => {
        const text = parts.flat().join('')
        expect(all(text, codesOf(text))).toEqual(oneByOne(signs, text))
      }),
      { numRuns: 500 },
    )
  })
})
