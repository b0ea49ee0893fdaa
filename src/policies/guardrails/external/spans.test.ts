import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changedSpan, codePointSpans, occurrencesOf } from './spans.ts'

describe('places that are counted in code points', () => {
  it('are those of UTF-16 units where every sign has one', () => {
    expect(codePointSpans('plain')(1, 3)).toEqual({ start: 1, end: 3 })
  })

  it('count an emoji once, and a combining mark by itself', () => {
    expect(codePointSpans('😀e\u0301x')(1, 3)).toEqual({ start: 2, end: 4 })
    expect(codePointSpans('😀e\u0301x')(3, 4)).toEqual({ start: 4, end: 5 })
  })

  it('count half of a character once, as Python does', () => {
    expect(codePointSpans('\ud800a')(1, 2)).toEqual({ start: 1, end: 2 })
  })

  it.each([
    [0, 0],
    [2, 1],
    [-1, 1],
    [0, 6],
    [0.5, 2],
    [0, Number.NaN],
    [0, Infinity],
  ])('are none from %d to %d of five signs', (start, end) => {
    expect(codePointSpans('fives')(start, end)).toBeUndefined()
  })
})

describe('the places of some words', () => {
  it('are all of them, without overlaps', () => {
    expect([...occurrencesOf('aaaa b aa', 'aa')]).toEqual([
      { start: 0, end: 2 },
      { start: 2, end: 4 },
      { start: 7, end: 9 },
    ])
  })

  it('are none of no words', () => {
    expect([...occurrencesOf('a', '')]).toEqual([])
  })
})

describe('what was changed', () => {
  it.each([
    ['mail ana@x.org now', 'mail [EMAIL] now', 'ana@x.org'],
    ['call 1 or 2', 'call [A] or [B]', '1 or 2'],
    ['from 😀 to', 'from 😁 to', '😀'],
    ['one two', 'one  two', 'one two'.slice(3, 5)],
    ['end', 'end!', 'd'],
  ])('in %j, written as %j, is %j', (text, rewritten, changed) => {
    const span = changedSpan(text, rewritten)
    expect(text.slice(span?.start, span?.end)).toBe(changed)
  })

  it('is nothing in the same text', () => {
    expect(changedSpan('same', 'same')).toBeUndefined()
  })

  it('holds every difference, and cuts no character in two', () => {
    const character = fc.constantFrom('a', 'b', '😀', '😁', '𝒳', 'e\u0301')
    const text = fc.array(character, { maxLength: 12 }).map((all) => all.join(''))
    fc.assert(
      fc.property(text, text, (one, other) => {
        const span = changedSpan(one, other)
        if (!span) {
          expect(one === '' || one === other).toBe(true)
          return
        }
        expect(other.startsWith(one.slice(0, span.start)) && other.endsWith(one.slice(span.end))).toBe(true)
        expect(one.slice(span.start, span.end).isWellFormed()).toBe(true)
      }),
    )
  })
})
