import { expect, it } from 'vitest'
import { adapterLaws } from './laws/adapter-laws.ts'
import { presidio } from './presidio.ts'
import type { GuardQuestion } from './external-guard.ts'

const settings = { url: 'http://presidio:5002/', language: 'en' }
const call = (text: string) => ({ url: 'http://presidio:5002/analyze', body: { text, language: 'en' } })

const question: GuardQuestion = {
  phase: 'input',
  texts: [
    { path: 'messages[0].content', place: 'system', text: 'Answer politely.', isJsonText: false },
    { path: 'messages[1].content', place: 'user', text: '😀 I am Jo\u0301hn Smith, AC432223.', isJsonText: false },
  ],
}

adapterLaws('Presidio', {
  adapter: presidio(settings, undefined),
  golden: [
    {
      name: 'a name and a licence, after an emoji and with a combining letter in it',
      question,
      calls: [call('Answer politely.'), call('😀 I am Jo\u0301hn Smith, AC432223.')],
      answers: [
        [],
        [
          {
            analysis_explanation: null,
            entity_type: 'PERSON',
            start: 7,
            end: 18,
            score: 0.85,
            recognition_metadata: { recognizer_name: 'SpacyRecognizer', recognizer_identifier: 'SpacyRecognizer_1' },
          },
          {
            analysis_explanation: null,
            entity_type: 'US_DRIVER_LICENSE',
            start: 20,
            end: 28,
            score: 0.6499999999999999,
          },
        ],
      ],
      findings: [
        { text: 1, kind: 'person', score: 0.85, span: { start: 8, end: 19 }, replacement: undefined },
        {
          text: 1,
          kind: 'us-driver-license',
          score: 0.6499999999999999,
          span: { start: 21, end: 29 },
          replacement: undefined,
        },
      ],
    },
  ],
  nothing: () => [],
  seenAt: (_text, start, end) => [{ entity_type: 'PERSON', start, end, score: 0.5 }],
})

it.each([
  [0, 29],
  [28, 29],
  [5, 5],
  [7, 3],
  [-1, 3],
  [0.5, 3],
  [0, 1e308],
])('takes a place that is not in the text for nonsense: %d to %d', (start, end) => {
  const body = JSON.stringify([{ entity_type: 'PERSON', start, end, score: 1 }])
  const short: GuardQuestion = {
    phase: 'input',
    texts: [{ path: 'input', place: 'user', text: 'a'.repeat(28), isJsonText: false }],
  }
  expect(() => presidio(settings, undefined).read(short, 0, { status: 200, body })).toThrow('not in the text')
})

it('tells Presidio which entities, and from which score on', () => {
  const [asked] = presidio({ ...settings, entities: ['PERSON'] }, 0.4).word(question)
  expect(JSON.parse(asked?.body ?? '')).toEqual({
    text: 'Answer politely.',
    language: 'en',
    entities: ['PERSON'],
    score_threshold: 0.4,
  })
})
