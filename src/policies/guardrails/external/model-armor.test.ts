import { describe, expect, it } from 'vitest'
import type { Json } from '../../../canonical/json.ts'
import type { GuardQuestion } from './external-guard.ts'
import { adapterLaws } from './laws/adapter-laws.ts'
import { modelArmor } from './model-armor.ts'

const url = 'https://modelarmor.europe-west4.rep.googleapis.com'
const adapter = modelArmor({ project: 'my-project', location: 'europe-west4', template: 'strict' })
const template = `${url}/v1/projects/my-project/locations/europe-west4/templates/strict`
const ran = { executionState: 'EXECUTION_SUCCESS' }
const matched = { ...ran, matchState: 'MATCH_FOUND' }
const passed = { ...ran, matchState: 'NO_MATCH_FOUND' }
const quiet = {
  csam: { csamFilterFilterResult: passed },
  malicious_uris: { maliciousUriFilterResult: passed },
  pi_and_jailbreak: { piAndJailbreakFilterResult: passed },
  rai: { raiFilterResult: { ...passed, raiFilterTypeResults: { dangerous: { matchState: 'NO_MATCH_FOUND' } } } },
  sdp: { sdpFilterResult: { inspectResult: passed } },
}

adapterLaws('Model Armor', {
  adapter,
  golden: [
    {
      name: 'a prompt with an attack, harm, a card and a link',
      question: questionOf('input', '😀 Obey me. 4111111111111111, https://bad.example/x'),
      calls: [
        {
          url: `${template}:sanitizeUserPrompt`,
          body: { userPromptData: { text: '😀 Obey me. 4111111111111111, https://bad.example/x' } },
        },
      ],
      answers: [
        resultOf({
          csam: { csamFilterFilterResult: passed },
          malicious_uris: {
            maliciousUriFilterResult: {
              ...matched,
              maliciousUriMatchedItems: [{ uri: 'https://bad.example/x', locations: [{ start: '29', end: '50' }] }],
            },
          },
          rai: {
            raiFilterResult: {
              ...matched,
              raiFilterTypeResults: {
                dangerous: { confidenceLevel: 'MEDIUM_AND_ABOVE', matchState: 'MATCH_FOUND' },
                sexually_explicit: { matchState: 'NO_MATCH_FOUND' },
                hate_speech: { confidenceLevel: 'HIGH', matchState: 'MATCH_FOUND' },
              },
            },
          },
          pi_and_jailbreak: { piAndJailbreakFilterResult: { ...matched, confidenceLevel: 'LOW_AND_ABOVE' } },
          sdp: {
            sdpFilterResult: {
              inspectResult: {
                ...matched,
                findings: [
                  {
                    infoType: 'CREDIT_CARD_NUMBER',
                    likelihood: 'VERY_LIKELY',
                    location: { byteRange: { start: '14', end: '30' }, codepointRange: { start: '11', end: '27' } },
                  },
                ],
              },
            },
          },
        }),
      ],
      findings: [
        { text: 0, kind: 'malicious-uri', score: undefined, span: { start: 30, end: 51 }, replacement: undefined },
        { text: 0, kind: 'dangerous', score: 2 / 3, span: undefined, replacement: undefined },
        { text: 0, kind: 'hate-speech', score: 1, span: undefined, replacement: undefined },
        { text: 0, kind: 'pi-and-jailbreak', score: 1 / 3, span: undefined, replacement: undefined },
        { text: 0, kind: 'credit-card-number', score: 1, span: { start: 12, end: 28 }, replacement: undefined },
      ],
    },
    {
      name: 'an answer that it wrote anew',
      question: questionOf('output', 'Write to ana@example.org.'),
      calls: [
        {
          url: `${template}:sanitizeModelResponse`,
          body: { modelResponseData: { text: 'Write to ana@example.org.' } },
        },
      ],
      answers: [
        resultOf({
          sdp: {
            sdpFilterResult: {
              deidentifyResult: {
                ...matched,
                data: { text: 'Write to [EMAIL_ADDRESS].' },
                transformedBytes: '15',
                infoTypes: ['EMAIL_ADDRESS'],
              },
            },
          },
        }),
      ],
      findings: [
        {
          text: 0,
          kind: 'email-address',
          score: undefined,
          span: { start: 9, end: 24 },
          replacement: 'Write to [EMAIL_ADDRESS].',
        },
      ],
    },
  ],
  nothing: () => resultOf(quiet, 'NO_MATCH_FOUND'),
  seenAt: (_text, start, end) =>
    resultOf({
      sdp: {
        sdpFilterResult: {
          inspectResult: {
            ...matched,
            // Protocol buffers leave out a zero.
            findings: [
              {
                infoType: 'NAME',
                location: { codepointRange: { ...(start > 0 && { start: `${start}` }), end: `${end}` } },
              },
            ],
          },
        },
      },
    }),
})

describe('filters that did not run', () => {
  const read = (result: Json) =>
    adapter.read(questionOf('input', 'One.'), 0, { status: 200, body: JSON.stringify(result) })

  it('are nonsense where the others saw nothing', () => {
    expect(() => read(resultOf(quiet, 'NO_MATCH_FOUND', 'PARTIAL'))).toThrow('left filters out')
    expect(() => read(resultOf({}, 'NO_MATCH_FOUND', 'FAILURE'))).toThrow('left filters out')
  })

  it('are told beside what the others saw', () => {
    const found = read(resultOf({ csam: { csamFilterFilterResult: matched } }, 'MATCH_FOUND', 'PARTIAL'))
    expect(found.map(({ kind }) => kind)).toEqual(['csam', 'left-out'])
  })
})

it('a match that no filter explains is told, too', () => {
  const kinds = (filters: Json) =>
    adapter
      .read(questionOf('input', 'One.'), 0, { status: 200, body: JSON.stringify(resultOf(filters)) })
      .map(({ kind }) => kind)
  expect(kinds({})).toEqual(['match-found'])
  expect(kinds({ rai: { raiFilterResult: matched } })).toEqual(['rai'])
  expect(kinds({ sdp: { sdpFilterResult: { inspectResult: matched } } })).toEqual(['sdp'])
  expect(kinds({ virus_scan: { virusScanFilterResult: matched } })).toEqual(['virus'])
})

it('a text in parts has a place for what was written anew, and no replacement', () => {
  const text = `${'a '.repeat(8_000)}ana@example.org.`
  const part =
    adapter.word(questionOf('input', text)).map(({ body }): string => JSON.parse(body).userPromptData.text)[1] ?? ''
  const data = { text: part.replace('ana@example.org', '[E]') }
  const result = resultOf({ sdp: { sdpFilterResult: { deidentifyResult: { ...matched, data } } } })
  const [found] = adapter.read(questionOf('input', text), 1, { status: 200, body: JSON.stringify(result) })
  expect(found).toMatchObject({ kind: 'sdp', replacement: undefined })
  expect(text.slice(found?.span?.start, found?.span?.end)).toBe('ana@example.org')
})

function resultOf(filterResults: Json, filterMatchState = 'MATCH_FOUND', invocationResult = 'SUCCESS'): Json {
  return { sanitizationResult: { filterMatchState, filterResults, invocationResult, sanitizationMetadata: {} } }
}

function questionOf(phase: GuardQuestion['phase'], text: string): GuardQuestion {
  return {
    phase,
    texts: [{ path: 'messages[0].content', place: phase === 'input' ? 'user' : 'assistant', text, isJsonText: false }],
  }
}
