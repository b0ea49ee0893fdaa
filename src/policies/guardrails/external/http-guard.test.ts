import { describe, expect, it } from 'vitest'
import { GuardFailure } from './external-guard.ts'
import { httpGuard } from './http-guard.ts'

const guard = httpGuard({ url: 'https://guard.example/v1/' })
const question = (text: string) =>
  ({ phase: 'input', texts: [{ path: 'messages[0].content', place: 'user', text, isJsonText: false }] }) as const
const answered = (text: string, body: unknown, status = 200) =>
  guard.read(question(text), 0, { status, body: typeof body === 'string' ? body : JSON.stringify(body) })

describe('E11: a guard of one’s own', () => {
  it('is asked at /analyze, one text a call, with the stage', () => {
    const texts = ['one', 'two'].map((text) => ({ ...question(text).texts[0], text }))
    const calls = guard.word({ phase: 'output', texts })
    expect(calls.map(({ url }) => url)).toEqual(Array(2).fill('https://guard.example/v1/analyze'))
    expect(calls.map(({ body }) => JSON.parse(body))).toEqual([
      { text: 'one', context: { stage: 'output' } },
      { text: 'two', context: { stage: 'output' } },
    ])
  })

  it('counts code points, end exclusive', () => {
    const text = '😀 é ada@x.org'
    const findings = [{ type: 'EMAIL_ADDRESS', start: 4, end: 13, score: 0.9 }]
    const [found] = answered(text, { action: 'modify', findings })
    expect(found).toMatchObject({ kind: 'email-address', score: 0.9, text: 0 })
    expect(text.slice(found?.span?.start, found?.span?.end)).toBe('ada@x.org')
  })

  it('may know no more than that something is wrong, or how the text should read', () => {
    expect(answered('text', { action: 'block' })).toEqual([
      { text: 0, kind: 'content', score: undefined, span: undefined, replacement: undefined },
    ])
    expect(answered('text', { action: 'modify', findings: [], replacement: 'te..' })).toMatchObject([
      { span: undefined, replacement: 'te..' },
    ])
  })

  it('has found nothing where it allows', () => {
    expect(answered('text', { action: 'allow', findings: [{ type: 'x', start: 0, end: 2 }] })).toEqual([])
    expect(answered('text', { action: 'allow' })).toEqual([])
  })

  it.each([
    ['another status', { action: 'allow' }, 500],
    ['a redirect', { action: 'allow' }, 307],
    ['no JSON', 'secret words', 200],
    ['another form', ['secret words'], 200],
    ['an unknown action', { action: 'shrug' }, 200],
    ['an end before the start', { action: 'block', findings: [{ type: 'x', start: 3, end: 1 }] }, 200],
    ['a place beyond the text', { action: 'block', findings: [{ type: 'x', start: 0, end: 13 }] }, 200],
    ['half a place', { action: 'block', findings: [{ type: 'x', start: 0.5, end: 2 }] }, 200],
    ['a place before the text', { action: 'block', findings: [{ type: 'x', start: -2, end: 2 }] }, 200],
    ['a score that is none', { action: 'block', findings: [{ type: 'x', start: 0, end: 2, score: 7 }] }, 200],
    ['a change without saying which', { action: 'modify', findings: [] }, 200],
  ])('is not believed with %s, and its words are not repeated', (_, body, status) => {
    const asked = () => answered('secret words', body, status)
    expect(asked).toThrow(GuardFailure)
    expect(asked).not.toThrow(/secret/)
  })
})
