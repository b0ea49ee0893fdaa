import { expect, it } from 'vitest'
import type { TextPlace } from '../../canonical/guardrail.ts'
import { email } from './detect/pii/email.ts'
import { guardText, GuardNotes, keptGuardrails } from './guard-text.ts'
import { Masks } from './masks.ts'
import type { GuardRule } from './rule.ts'

const rule: GuardRule = {
  name: 'mail',
  detectors: [email],
  phases: new Set(['input']),
  places: new Set<TextPlace>(['user']),
  action: 'redact',
  tag: undefined,
  condition: undefined,
  isShadow: false,
}
const text = (place: TextPlace) => ({ path: 'x', place, text: 'to ada@example.com', isJsonText: false })

it('G1: counts as looked at what some rule looks at, and nothing else', () => {
  const notes = new GuardNotes()
  expect(guardText([rule], text('system'), 'input', notes, new Masks())).toBeUndefined()
  expect(guardText([rule], text('user'), 'output', notes, new Masks())).toBeUndefined()
  expect(notes.scanned).toEqual({ input: 0, output: 0 })
  expect(guardText([rule], text('user'), 'input', notes, new Masks())).toBe('to [EMAIL]')
  expect(keptGuardrails(notes)).toEqual({
    decisions: [
      {
        rule: 'mail',
        phase: 'input',
        place: 'user',
        path: 'x',
        kind: 'email',
        action: 'redact',
        isShadow: false,
        count: 1,
        start: 3,
      },
    ],
    scanned: { input: 18, output: 0 },
  })
})
