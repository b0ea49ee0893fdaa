import { describe, expect, it } from 'vitest'
import type { GuardAction, TextPlace } from '../../../canonical/guardrail.ts'
import { GuardNotes } from '../guard-text.ts'
import { Masks } from '../masks.ts'
import type { Text } from '../texts.ts'
import { applyVerdicts } from './apply-verdicts.ts'
import type { OnTimeout } from './asked-guard.ts'
import type { ExternalFinding } from './external-guard.ts'
import type { AskedRule, Verdict } from './verdict.ts'

const nowhere = { word: () => [], read: () => [] }

function rule(action: GuardAction, isShadow = false, onTimeout: OnTimeout = 'block'): AskedRule {
  return {
    name: action,
    detectors: [],
    phases: new Set(['input']),
    places: new Set<TextPlace>(['user']),
    action,
    tag: undefined,
    condition: undefined,
    isShadow,
    asked: {
      adapter: nowhere,
      origin: 'https://guard.example',
      deadlineMs: 1,
      onTimeout,
      stream: undefined,
      threshold: undefined,
    },
  }
}

const textOf = (text: string, isJsonText = false): Text => ({ path: 'x', place: 'user', text, isJsonText })
const finding = (more: Partial<ExternalFinding>): ExternalFinding => ({
  text: 0,
  kind: 'name',
  score: undefined,
  span: undefined,
  replacement: undefined,
  ...more,
})
const judged = (by: AskedRule, text: Text, ...findings: readonly ExternalFinding[]): Verdict => ({
  kind: 'judged',
  rule: by,
  texts: [text],
  findings,
})

/** The text as it leaves; `undefined`: as it came. */
function written(text: Text, verdicts: readonly Verdict[], masks = new Masks()): string | undefined {
  return applyVerdicts(verdicts, 'input', new GuardNotes(), masks).get(text)
}

describe('what guards elsewhere say of a text', () => {
  const text = textOf('I am Ada Lovelace of London')

  it('merges where it overlaps, and unites over rules', () => {
    const [ada, lovelace, london] = [
      { start: 5, end: 10 },
      { start: 9, end: 17 },
      { start: 21, end: 27 },
    ]
    const verdicts = [
      judged(rule('redact'), text, finding({ span: ada }), finding({ span: lovelace })),
      judged(rule('mask'), text, finding({ span: london, kind: 'city' })),
    ]
    expect(written(text, verdicts)).toBe('I am [NAME] of [CITY_1]')
  })

  it('is written as the guard would have it; where another rule overlaps, a placeholder stands', () => {
    const replaced = judged(rule('redact'), text, finding({ replacement: 'I am A. L. of London' }))
    expect(written(text, [replaced])).toBe('I am A. L. of London')
    // What differs begins within the first name.
    const overlapping = judged(rule('redact'), text, finding({ span: { start: 5, end: 8 } }))
    expect(written(text, [replaced, overlapping])).toBe('I am [NAME] of London')
  })

  it('is masked where it differs, so that it can come back', () => {
    const masks = new Masks()
    const masked = written(text, [judged(rule('mask'), text, finding({ replacement: 'I am *** of London' }))], masks)
    expect(masked).toBe('I am [NAME_1] of London')
    expect(masks.originalOf('[NAME_1]')).toBe('Ada Lovelace')
  })

  it('changes nothing where rules only try, flag or route', () => {
    for (const by of [rule('redact', true), rule('block', true), rule('flag'), rule('route')])
      expect(written(text, [judged(by, text, finding({ span: { start: 0, end: 4 } }))])).toBeUndefined()
  })

  it('blocks where it should be taken out and nobody says where', () => {
    for (const by of [rule('redact'), rule('mask', false, 'allow')]) {
      expect(() => written(text, [judged(by, text, finding({}))])).toThrow(/does not say how/)
      expect(() => written(text, [judged(by, text, finding({ replacement: text.text }))])).toThrow(/does not say how/)
    }
    expect(written(text, [judged(rule('redact', true), text, finding({}))])).toBeUndefined()
  })

  it('leaves arguments JSON, or blocks', () => {
    const args = textOf('{"to":"\\nAda"}', true)
    expect(written(args, [judged(rule('redact'), args, finding({ span: { start: 8, end: 12 } }))])).toBe(
      '{"to":"\\n[NAME]"}',
    )
    expect(written(args, [judged(rule('redact'), args, finding({ span: { start: 6, end: 12 } }))])).toBe(
      '{"to":"[NAME]"}',
    )
    expect(() => written(args, [judged(rule('redact'), args, finding({ span: { start: 0, end: 12 } }))])).toThrow(
      /does not say how/,
    )
  })

  it('is noted where there is no verdict, before anything is blocked for it', () => {
    const silent = (by: AskedRule): Verdict => ({ kind: 'none', rule: by, texts: [text], why: 'timeout' })
    const notes = new GuardNotes()
    const verdicts = [silent(rule('flag', false, 'allow')), silent(rule('redact')), silent(rule('block', true))]
    expect(() => applyVerdicts(verdicts, 'input', notes, new Masks())).toThrow(/redact blocked the call.*timeout/)
    expect(notes.decisions).toMatchObject([
      { rule: 'flag', kind: 'unavailable', action: 'flag', why: 'timeout' },
      { rule: 'redact', kind: 'unavailable', action: 'block', why: 'timeout' },
      { rule: 'block', kind: 'unavailable', isShadow: true },
    ])
  })
})
