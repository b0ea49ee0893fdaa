import fc from 'fast-check'
import { expect, it } from 'vitest'
import { kindOf } from './kind-of.ts'
import { ofWhole, onePieceACall, openPieces } from './pieces.ts'

const textAt = (text: string) => ({ path: 'input', place: 'user' as const, text, isJsonText: false })

it('the pieces of a text hold all of it, overlap, and are no longer than may be', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', '😀', 'e\u0301', ' '), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 300, max: 900 }),
      (letters, longest) => {
        const text = letters.join('').repeat(50)
        fc.pre(text.trim() !== '')
        const pieces = openPieces(longest)({ phase: 'input', texts: [textAt(text)] })
        let seen = 0
        for (const { piece, start } of pieces) {
          expect(start === 0 || seen - start >= 200).toBe(true)
          expect(text.slice(start, start + piece.text.length)).toBe(piece.text)
          expect(piece.text.length).toBeLessThanOrEqual(longest)
          expect(piece.isWhole).toBe(pieces.length === 1)
          seen = start + piece.text.length
        }
        expect(seen).toBe(text.length)
      },
    ),
  )
})

it('what is found in a piece is told of its text, at its place there', () => {
  const adapter = onePieceACall(300, {
    word: ({ text }) => ({ url: 'http://guard', headers: {}, body: text }),
    read: ({ text }) => [
      { ...ofWhole('harm', 0.5), replacement: 'written anew' },
      { ...ofWhole('last'), span: { start: text.length - 1, end: text.length } },
    ],
  })
  const question = { phase: 'input' as const, texts: [textAt(' '), textAt('short'), textAt('x'.repeat(350))] }
  expect(adapter.word(question).map(({ body }) => body.length)).toEqual([5, 300, 250])
  const read = (call: number) => adapter.read(question, call, { status: 200, body: '' })
  expect(read(0)).toEqual([
    { text: 1, kind: 'harm', score: 0.5, span: undefined, replacement: 'written anew' },
    { text: 1, kind: 'last', score: undefined, span: { start: 4, end: 5 }, replacement: undefined },
  ])
  expect(read(2)).toEqual([
    { text: 2, kind: 'harm', score: 0.5, span: undefined, replacement: undefined },
    { text: 2, kind: 'last', score: undefined, span: { start: 349, end: 350 }, replacement: undefined },
  ])
  expect(read(3)).toEqual([])
})

it.each([
  ['EMAIL_ADDRESS', 'email-address'],
  ['SelfHarm', 'self-harm'],
  ['harassment/threatening', 'harassment-threatening'],
  [' Fiduciary  Advice! ', 'fiduciary-advice'],
  ['投資', 'topic'],
  ['', 'topic'],
  [`${'a'.repeat(62)} b`, 'a'.repeat(62)],
])('a guard says %j, which is the kind %s', (word, kind) => {
  expect(kindOf(word, 'topic')).toBe(kind)
})
