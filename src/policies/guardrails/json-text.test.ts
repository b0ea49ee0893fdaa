import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { textPlaces, type GuardAction } from '../../canonical/guardrail.ts'
import { pii } from './detect/pii/index.ts'
import { termsDetector } from './detect/terms.ts'
import { GuardNotes, guardText } from './guard-text.ts'
import { Masks, placeholderOf } from './masks.ts'
import { PlainEscapes } from './plain-escapes.ts'
import type { GuardRule } from './rule.ts'
import { windowRulesOf } from './rules-window.ts'
import { TextWindow } from './text-window.ts'

/** Arguments of a call are JSON text: what stands in it may be escaped, or no string at all (G2). */
const rule: GuardRule = {
  name: 'all',
  detectors: [termsDetector(['Project Titan']), ...pii],
  phases: new Set(['input', 'output']),
  places: new Set(textPlaces),
  action: 'redact',
  tag: undefined,
  condition: undefined,
  isShadow: false,
}

function whole(text: string, action: GuardAction = 'redact', masks = new Masks()): string {
  const given = { path: 'arguments', place: 'tool-arguments', text, isJsonText: true } as const
  return guardText([{ ...rule, action }], given, 'input', new GuardNotes(), masks) ?? text
}

function inPieces(pieces: readonly string[]): string {
  const escapes = new PlainEscapes()
  const window = new TextWindow(
    windowRulesOf({ rules: [rule], write: ({ kind }) => placeholderOf(kind), note: () => undefined, isJsonText: true }),
  )
  const shown = pieces.map((piece) => window.push(escapes.push(piece))).join('')
  return shown + window.push(escapes.end()) + window.end()
}

describe('JSON text', () => {
  it.each([
    ['a number', '{"card":4111111111111111,"n":1}', { card: '[CARD]', n: 1 }],
    ['a number in a list', '[4111111111111111]', ['[CARD]']],
    ['the name of a member', '{"ada@example.com":true}', { '[EMAIL]': true }],
    ['a term over the end of a line', '{"note":"the Project\\nTitan, you know"}', { note: 'the [TERM], you know' }],
    ['a term over an escaped end of a line', '{"note":"Project\\u000aTitan"}', { note: '[TERM]' }],
    ['an address behind an escaped end of a line', '{"note":"to\\nada@example.com"}', { note: 'to\n[EMAIL]' }],
    ['an address behind an escaped tab', '{"note":"\\tada@example.com"}', { note: '\t[EMAIL]' }],
    ['an address behind half a pair', '{"note":"\\ud83dada@example.com"}', { note: '\ud83d[EMAIL]' }],
    ['an escaped stroke in an address', '{"note":"ada@example.com\\/x"}', { note: '[EMAIL]/x' }],
    ['what stands between lines', '{\n\t"a": "ada@example.com",\r\n "b": "x\\ny"\n}', { a: '[EMAIL]', b: 'x\ny' }],
  ])('is written anew where it holds %s, and stays JSON', (_, text, expected) => {
    expect(JSON.parse(whole(text))).toEqual(expected)
    for (let cut = 1; cut < text.length; cut += 1)
      expect(JSON.parse(inPieces([text.slice(0, cut), text.slice(cut)]))).toEqual(expected)
  })

  it('is JSON after that, whatever it holds and however it is cut, and nothing that is found is left', () => {
    const samples = [
      'ada@example.com',
      '4111 1111 1111 1111',
      'Project Titan',
      'GB82 WEST 1234 5698 7654 32',
      '\\',
      '"',
      'x\\',
    ]
    const odd = ['\n', '\t', '\u0001', '\u00e9', '\ud83d\ude00', '\ud83d', '{', ', ', ': ']
    const text = fc.array(fc.constantFrom(...samples, ...odd)).map((all) => all.join(' | '))
    const value = fc.dictionary(
      text,
      fc.oneof(text, fc.constant(4_111_111_111_111_111), fc.array(text, { maxLength: 2 })),
    )
    fc.assert(
      fc.property(
        value,
        fc.boolean(),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        (given, wide, sizes) => {
          const json = JSON.stringify(given, undefined, wide ? '\t' : undefined)
          const pieces: string[] = []
          for (let from = 0, turn = 0; from < json.length; turn += 1) {
            const size = sizes[turn % sizes.length] ?? 1
            pieces.push(json.slice(from, from + size))
            from += size
          }
          const shown = inPieces(pieces)
          expect(JSON.parse(shown)).toBeDefined()
          expect(shown).not.toMatch(/ada@|4111 ?1111|Project Titan|GB82/)
          expect(JSON.parse(shown)).toEqual(JSON.parse(whole(json)))
        },
      ),
      { numRuns: 150 },
    )
  })

  it('that is masked is given back as it was', () => {
    const masks = new Masks()
    expect(JSON.parse(whole('{"to":"ada@example.com"}', 'mask', masks))).toEqual({ to: '[EMAIL_1]' })
    expect(masks.originalOf('[EMAIL_1]')).toBe('ada@example.com')
  })
})

/** A text of a stream, of which nobody knows before its end whether it is JSON. */
function answered(pieces: readonly string[], action: GuardAction = 'redact'): string {
  const rules = [{ ...rule, action }]
  const write = ({ kind }: { readonly kind: string }) => placeholderOf(kind)
  const window = new TextWindow(windowRulesOf({ rules, write, note: () => undefined, isJsonText: false }))
  return pieces.map((piece) => window.push(piece)).join('') + window.end()
}

describe('an answer in JSON, in pieces', () => {
  const held =
    '{\n  "a": "x\\nada@example.com, \\u0041DA\\u0040example.com",\n  "b": "Project\\tTitan", "n": 4111111111111111\n}'
  const left = '{\n  "a": "x\\n[EMAIL], [EMAIL]",\n  "b": "[TERM]", "n": "[CARD]"\n}'

  it('hides nothing behind its escapes, stays JSON, and stays as it was written otherwise', () => {
    for (let cut = 1; cut < held.length; cut += 1) expect(answered([held.slice(0, cut), held.slice(cut)])).toBe(left)
    expect(answered([...held])).toBe(left)
  })

  it('is the same word for word where nothing is found', () => {
    const texts = ['{"a": "\\u00fc\\/\\n"}', 'C:\\new\\table', '[a](b "c\\d")\n\n"\n', '\\', '{ "x": "\\\\n" }\n']
    for (const text of texts) expect(answered([...text])).toBe(text)
  })

  it('has no quotes put into what is no JSON', () => {
    expect(answered([...'[to](ada@example.com) {4111111111111111}'])).toBe('[to]([EMAIL]) {[CARD]}')
  })
})
