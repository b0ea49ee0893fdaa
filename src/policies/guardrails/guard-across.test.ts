import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../canonical/json.ts'
import { guardWhole } from '../../gateway/guards/guard-answer.ts'
import { answerRules, ruleOf } from '../../../test/guarded/play.ts'
import { termsDetector } from './detect/terms.ts'
import { Masks } from './masks.ts'

const rule = ruleOf([termsDetector(['Project Titan'])], 'redact')
const call = { type: 'tool_use', id: 't1', name: 'f', input: {} }
const text = (said: string) => ({ type: 'text', text: said })

describe('what stands in two texts of a whole answer', () => {
  it.each<[string, JsonObject, JsonObject]>([
    [
      'anthropic-messages',
      { content: [text('on Project Ti'), call, text('tan now'), text('on')] },
      { content: [text('on [TERM]'), call, text(' now'), text('on')] },
    ],
    [
      'gemini-generate',
      {
        candidates: [
          { content: { parts: [{ text: 'Project' }, { text: 'x', thought: true }, { text: ' ' }, { text: 'Titan' }] } },
        ],
      },
      {
        candidates: [
          { content: { parts: [{ text: '[TERM]' }, { text: 'x', thought: true }, { text: '' }, { text: '' }] } },
        ],
      },
    ],
    [
      'openai-responses',
      { output: [{ content: [text('Project Ti')] }, { content: [text('tan')] }] },
      { output: [{ content: [text('[TERM]')] }, { content: [text('')] }] },
    ],
  ])('is redacted where it begins, in %s', (_, body, left) => {
    const answer = answerRules([rule])
    expect(guardWhole(body, answer)).toEqual(left)
    expect(answer.notes.decisions).toMatchObject([{ rule: 'planted', count: 1 }])
  })

  it('is blocked', () => {
    const blocking = answerRules([{ ...rule, action: 'block' }])
    expect(() => guardWhole({ content: [text('Project Ti'), call, text('tan')] }, blocking)).toThrow(/planted/)
  })

  it('is none of two choices', () => {
    const parts = (said: string) => ({ message: { content: [text(said)] } })
    const body = { choices: [parts('Project Ti'), parts('tan')] }
    expect(guardWhole(body, answerRules([rule]))).toBe(body)
  })

  it('comes back where it was masked', () => {
    const masks = new Masks()
    const masked = masks.placeholderFor('email', 'ada@example.com')
    const body = { content: [text(`to ${masked.slice(0, 3)}`), call, text(`${masked.slice(3)}!`)] }
    expect(guardWhole(body, answerRules([], masks))).toEqual({ content: [text('to ada@example.com'), call, text('!')] })
  })
})
