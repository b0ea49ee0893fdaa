import { expect, it } from 'vitest'
import type { Json } from '../../../canonical/json.ts'
import type { GuardQuestion } from './external-guard.ts'
import { adapterLaws } from './laws/adapter-laws.ts'
import { modelJudge } from './model-judge.ts'

const judge = modelJudge({ model: 'small', instructions: 'Look for advice on shares.' })
const question: GuardQuestion = {
  phase: 'output',
  texts: [
    {
      path: 'choices[0].message.content',
      place: 'assistant',
      text: '😀 Buy Widget shares. Buy now.',
      isJsonText: false,
    },
    { path: 'choices[1].message.content', place: 'assistant', text: 'It may rain.', isJsonText: false },
  ],
}
const [worded] = judge.word(question)
const wordedBody: { readonly [key: string]: Json } = JSON.parse(worded?.body ?? '')

adapterLaws('a model as judge', {
  adapter: judge,
  golden: [
    {
      name: 'advice that is quoted, and a tone of the whole',
      question,
      calls: [
        {
          url: '/v1/chat/completions',
          body: {
            ...wordedBody,
            model: 'small',
            messages: [
              { role: 'system', content: expect.stringMatching(/^You judge texts .*\n\nLook for advice on shares\.$/) },
              {
                role: 'user',
                content: JSON.stringify([
                  { text: 0, place: 'assistant', content: '😀 Buy Widget shares. Buy now.' },
                  { text: 1, place: 'assistant', content: 'It may rain.' },
                ]),
              },
            ],
            max_completion_tokens: 2_000,
          },
        },
      ],
      answers: [
        said({
          findings: [
            { text: 0, kind: 'Advice', score: 0.9, quote: 'Buy' },
            { text: 1, kind: 'gloom', score: 0.25, quote: '' },
            { text: 0, kind: 'tone', score: 1, quote: 'Buy, buy!' },
          ],
        }),
      ],
      findings: [
        { text: 0, kind: 'advice', score: 0.9, span: { start: 3, end: 6 }, replacement: undefined },
        { text: 0, kind: 'advice', score: 0.9, span: { start: 22, end: 25 }, replacement: undefined },
        { text: 1, kind: 'gloom', score: 0.25, span: undefined, replacement: undefined },
        { text: 0, kind: 'tone', score: 1, span: undefined, replacement: undefined },
      ],
    },
  ],
  nothing: () => said({ findings: [] }),
  seenAt: (text, start, end) =>
    said({ findings: [{ text: 0, kind: 'it', score: 1, quote: [...text].slice(start, end).join('') }] }),
})

it('asks for an answer by a schema that its own reader holds it to', () => {
  expect(wordedBody['response_format']).toMatchObject({ type: 'json_schema', json_schema: { strict: true } })
  for (const wrong of [
    { findings: [{ text: 2, kind: 'a', score: 1, quote: '' }] },
    { findings: [{ text: 0, kind: 'a', score: 2, quote: '' }] },
    { findings: [{ text: 0, kind: 'a', score: 1, quote: '', why: 'because' }] },
    { findings: [], verdict: 'harmless' },
    [],
  ])
    expect(() => judge.read(question, 0, { status: 200, body: JSON.stringify(said(wrong)) })).toThrow('that is a model')
})

it.each([
  ['is cut off', { finish_reason: 'length', message: { content: '{"findings": []}' } }],
  ['refuses', { finish_reason: 'stop', message: { content: null, refusal: 'I cannot judge this.' } }],
  ['chats', { finish_reason: 'stop', message: { content: 'All texts are fine: {"findings": []}' } }],
])('a judge that %s has given no verdict', (_what, choice) => {
  const body = JSON.stringify({ choices: [choice] })
  expect(() => judge.read(question, 0, { status: 200, body })).toThrow('that is a model')
})

function said(value: Json): Json {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    model: 'small',
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: JSON.stringify(value) } }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  }
}
