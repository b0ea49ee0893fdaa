import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../canonical/json.ts'
import { Losses } from '../../canonical/loss.ts'
import { answerRules, ruleOf } from '../../../test/guarded/play.ts'
import { guardWhole } from '../../gateway/guards/guard-answer.ts'
import { card } from './detect/pii/card.ts'

const said = ['card ', '4111', ' 1111', ' 1111', ' 1111']
const text = said.join('')
const tokens = said.map((token) => ({ token, logprob: -1 }))

/** The same answer in the words of each API, and what it is left without. */
const answers: readonly (readonly [string, JsonObject, path: string])[] = [
  [
    'Chat Completions',
    { choices: [{ message: { content: text }, logprobs: { content: tokens } }] },
    'choices[0].logprobs',
  ],
  [
    'Responses',
    { output: [{ content: [{ type: 'output_text', text, logprobs: tokens }] }] },
    'output[0].content[0].logprobs',
  ],
  ['Completions', { choices: [{ text, logprobs: { tokens: said } }] }, 'choices[0].logprobs'],
  ['Gemini', { candidates: [{ content: { parts: [{ text }] }, logprobsResult: {} }] }, 'candidates[0].logprobsResult'],
  ['transcripts with words', { text, words: said.map((word) => ({ word })) }, 'words'],
  ['transcripts with segments', { text, segments: said.map((part) => ({ text: part })) }, 'segments'],
]

describe('what spells a text beside it', () => {
  it.each(answers)('is left out and told where the text is changed: %s', (_, body, path) => {
    const losses = new Losses()
    const left = JSON.stringify(guardWhole(body, answerRules([ruleOf([card], 'redact')]), losses))
    expect(left).toContain('[CARD]')
    expect(left).not.toContain('1111')
    expect(losses.list()).toMatchObject([{ path, kind: 'lost' }])
  })

  it.each(answers)('stays where nothing is changed: %s', (_, body) => {
    const losses = new Losses()
    expect(guardWhole(body, answerRules([ruleOf([card], 'flag')]), losses)).toBe(body)
    expect(losses.list()).toEqual([])
  })

  it('stays in another choice, and in arguments that are called so', () => {
    const other = { message: { content: 'fine' }, logprobs: { content: [] } }
    const args = { words: ['on'], n: text }
    const body = { choices: [{ message: { content: text } }, other], content: [{ type: 'tool_use', input: args }] }
    expect(guardWhole(body, answerRules([ruleOf([card], 'redact')]))).toEqual({
      choices: [{ message: { content: 'card [CARD]' } }, other],
      content: [{ type: 'tool_use', input: { words: ['on'], n: 'card [CARD]' } }],
    })
  })
})
