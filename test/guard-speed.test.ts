import { describe, expect, it } from 'vitest'
import { detectorsFor } from '../src/policies/guardrails/catalog.ts'
import { Survey } from '../src/policies/guardrails/survey.ts'
import { askEveryRule, secretlint } from '../src/policies/guardrails/detect/secrets/secretlint.ts'
import { featuresOf, hashedFeatures, longestPiece } from '../src/policies/guardrails/injection/features.ts'
import { hiddenTexts } from '../src/policies/guardrails/injection/hidden-texts.ts'
import { plainWords } from '../src/policies/guardrails/injection/plain-words.ts'
import { signs } from '../src/policies/guardrails/injection/signs.ts'
import { codesOf } from '../src/policies/guardrails/codes.ts'
import { patternIndex } from '../src/policies/guardrails/pattern-index.ts'
import { guardTexts, mutantOf } from './guard-texts.ts'

/*
 * What makes the rules quick must not change what they say. Each quick way is compared here with the plain one, which is written down once
 * more, on everything there is.
 */
const texts = guardTexts('the quick ways of guardrails')

describe('the quick ways of the classifier', () => {
  it('see the signs that each pattern sees by itself', () => {
    const signsIn = patternIndex(signs)
    for (const text of texts) {
      const plain = plainWords(text.slice(0, longestPiece))
      expect(signsIn(plain, codesOf(plain)), plain.slice(0, 80)).toEqual(
        signs.flatMap((sign, at) => (sign.test(plain) ? [at] : [])),
      )
    }
  })

  it('count the words that a reader would', () => {
    for (const text of texts) {
      const { places, values } = featuresOf(text)
      const expected = plainFeatures(plainWords(text.slice(0, longestPiece)))
      expect([...places.subarray(0, expected.length)]).toEqual(expected.map(([place]) => place))
      expect([...values.subarray(0, expected.length)]).toEqual(expected.map(([, value]) => value))
      expect(places[expected.length]).toBe(hashedFeatures)
    }
  })
})

describe('the quick way to hidden texts', () => {
  it('decodes the rows that a pattern finds in the whole text', () => {
    for (const text of texts) {
      const rows = [...text.matchAll(base64Row)].map(([row]) => Buffer.from(row, 'base64').toString())
      const pairs = [...text.matchAll(hexRow)].map(([row]) =>
        Buffer.from(row.replaceAll(/[ :]/g, ''), 'hex').toString(),
      )
      const decoded = new Set([...rows, ...pairs].map((one) => one.slice(0, 4_000)))
      const found = hiddenTexts(text)
      // What is prose among them, in order; other encodings follow.
      const prose = [...rows, ...(hexHint.test(text) ? pairs : [])].filter(isProse).slice(0, 4)
      expect(found.filter((one) => decoded.has(one))).toEqual(prose.map((one) => one.slice(0, 4_000)))
    }
  })
})

const base64Row =
  /(?<![A-Za-z0-9+/])(?:[A-Za-z0-9+/]{4}){6,2000}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?(?![A-Za-z0-9+/=])/g
const hexRow = /(?<![\da-fA-F])(?:[\da-fA-F]{2}[ :]?){20,2000}(?![\da-fA-F])/g
const hexHint = /[\da-fA-F]{2}[ :]?[\da-fA-F]{2}[ :]?\d/

function isProse(text: string): boolean {
  const letters = text.match(/[\p{L}\p{N} ,.!?'\n-]/gu)?.length ?? 0
  return text.length >= 16 && letters / text.length > 0.85 && text.includes(' ')
}

describe('the quick ways of secrets', () => {
  it('miss nothing of what the rules of Secretlint find', () => {
    for (const [seed, whole] of texts.entries())
      for (const text of [whole, mutantOf(whole, seed)])
        expect(secretlint.find(text), text.slice(0, 80)).toEqual(askEveryRule(text))
  })
})

describe('what is found out about a text once', () => {
  it('keeps no detector from finding something', () => {
    const detectors = detectorsFor(['pii', 'secrets'], [])
    for (const text of texts.flatMap((whole, seed) => [whole, mutantOf(whole, seed)])) {
      const survey = new Survey(text)
      for (const detector of detectors)
        if (detector.mayBeIn?.(survey) === false)
          expect([detector.kind, detector.find(text), text.slice(0, 80)]).toEqual([
            detector.kind,
            [],
            text.slice(0, 80),
          ])
    }
  })

  it.each([
    ['', 0],
    ['no number', 0],
    ['1234 5678', 8],
    ['1, 2, 3 and 4', 0],
    ['1, 2, 3, 4', 4],
    ['1'.repeat(99), 20],
    ['+49 (0)30 / 901-820', 6],
    ['12.03.1980', 8],
    ['1 84 12 2A 451 089 46', 14],
  ])('G3: of %j, the longest number has %i digits', (text, digits) => {
    expect(new Survey(text).longestNumber).toBe(digits)
  })
})

/** Words, pairs, and pairs with a word between, by a map; in the order in which they first occur. */
function plainFeatures(plain: string): readonly (readonly [place: number, value: number])[] {
  const words = Array.from(
    plain.matchAll(/[\u3040-\u9fff]|[a-z\d'\u00c0-\u1fff\u2070-\u303f\ua000-\uffff]+/g),
    ([word]) =>
      Array.from({ length: word.length }, (_, at) => word.charCodeAt(at)).reduce(
        (hash, code) => Math.imul(hash ^ code, 0x01000193),
        0x811c9dc5,
      ),
  )
  const counts = new Map<number, number>()
  const count = (hash: number) => {
    const half = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
    const place = ((half ^ (half >>> 12)) >>> 0) % hashedFeatures
    counts.set(place, (counts.get(place) ?? 0) + 1)
  }
  for (const [at, word] of words.entries()) {
    count(word)
    if (at > 0) count(Math.imul(words[at - 1] ?? 0, 31) ^ word ^ 0x5bd1e995)
    if (at > 1) count(Math.imul(words[at - 2] ?? 0, 17) ^ word ^ 0x1b873593)
  }
  const heavy = [...counts].map(([place, times]) => [place, Math.fround(1 + Math.log(times))] as const)
  const square = [...counts.values()].reduce((sum, times) => sum + (1 + Math.log(times)) ** 2, 0)
  return heavy.map(([place, value]) => [place, Math.fround(value * (1 / Math.sqrt(square)))])
}
