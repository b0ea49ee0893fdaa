import { describe, expect, it } from 'vitest'
import { bedrockGuardrail } from './bedrock-guardrail.ts'
import type { GuardQuestion } from './external-guard.ts'
import { adapterLaws } from './laws/adapter-laws.ts'

const url = 'https://bedrock-runtime.eu-central-1.amazonaws.com'
const adapter = bedrockGuardrail({ guardrail: 'gr4ab', version: '3' }, url)
const call = (source: 'INPUT' | 'OUTPUT', text: string) => ({
  url: `${url}/guardrail/gr4ab/version/3/apply`,
  body: { source, content: [{ text: { text } }] },
})
const usage = { topicPolicyUnits: 1, contentPolicyUnits: 1, wordPolicyUnits: 1, sensitiveInformationPolicyUnits: 1 }
const metrics = {
  invocationMetrics: {
    guardrailProcessingLatency: 388,
    usage,
    guardrailCoverage: { textCharacters: { guarded: 30, total: 30 } },
  },
}

adapterLaws('Bedrock Guardrails', {
  adapter,
  golden: [
    {
      name: 'personal data that it anonymizes, which stands in the text twice',
      question: questionOf('input', 'Write to 😀 ana@example.org, that is ana@example.org, at 10.1.2.3.'),
      calls: [call('INPUT', 'Write to 😀 ana@example.org, that is ana@example.org, at 10.1.2.3.')],
      answers: [
        {
          usage,
          action: 'GUARDRAIL_INTERVENED',
          actionReason: 'Guardrail masked.',
          outputs: [{ text: 'Write to 😀 {EMAIL}, that is {EMAIL}, at {Internal address}.' }],
          assessments: [
            {
              sensitiveInformationPolicy: {
                piiEntities: [{ type: 'EMAIL', match: 'ana@example.org', action: 'ANONYMIZED', detected: true }],
                regexes: [
                  {
                    name: 'Internal address',
                    regex: '10\\.[0-9.]+',
                    match: '10.1.2.3',
                    action: 'ANONYMIZED',
                    detected: true,
                  },
                ],
              },
              ...metrics,
            },
          ],
          guardrailCoverage: { textCharacters: { guarded: 66, total: 66 } },
        },
      ],
      findings: [
        { text: 0, kind: 'email', score: undefined, span: { start: 12, end: 27 }, replacement: undefined },
        { text: 0, kind: 'email', score: undefined, span: { start: 37, end: 52 }, replacement: undefined },
        { text: 0, kind: 'internal-address', score: undefined, span: { start: 57, end: 65 }, replacement: undefined },
      ],
    },
    {
      name: 'a topic, an attack, words and a grounding that it blocks or only detects',
      question: questionOf('output', 'Put it all on Widget shares, damn.'),
      calls: [call('OUTPUT', 'Put it all on Widget shares, damn.')],
      answers: [
        {
          usage,
          action: 'GUARDRAIL_INTERVENED',
          outputs: [{ text: 'Sorry, I cannot talk of this.' }],
          assessments: [
            {
              topicPolicy: { topics: [{ name: 'Fiduciary Advice', type: 'DENY', action: 'BLOCKED', detected: true }] },
              contentPolicy: {
                filters: [
                  { type: 'PROMPT_ATTACK', confidence: 'HIGH', filterStrength: 'HIGH', action: 'NONE', detected: true },
                  { type: 'VIOLENCE', confidence: 'LOW', filterStrength: 'LOW', action: 'NONE', detected: false },
                ],
              },
              wordPolicy: {
                customWords: [{ match: 'Widget', action: 'BLOCKED', detected: true }],
                managedWordLists: [{ match: 'damn', type: 'PROFANITY', action: 'BLOCKED', detected: true }],
              },
              contextualGroundingPolicy: {
                filters: [{ type: 'RELEVANCE', threshold: 0.75, score: 0.25, action: 'BLOCKED', detected: true }],
              },
              ...metrics,
            },
          ],
        },
      ],
      findings: [
        { text: 0, kind: 'fiduciary-advice', score: undefined, span: undefined, replacement: undefined },
        { text: 0, kind: 'prompt-attack', score: 1, span: undefined, replacement: undefined },
        { text: 0, kind: 'word', score: undefined, span: { start: 14, end: 20 }, replacement: undefined },
        { text: 0, kind: 'profanity', score: undefined, span: { start: 29, end: 33 }, replacement: undefined },
        { text: 0, kind: 'relevance', score: 0.75, span: undefined, replacement: undefined },
      ],
    },
  ],
  nothing: () => ({ usage, action: 'NONE', outputs: [], assessments: [metrics] }),
  seenAt: (text, start, end) => ({
    action: 'GUARDRAIL_INTERVENED',
    outputs: [{ text: '{NAME}' }],
    assessments: [
      {
        sensitiveInformationPolicy: {
          piiEntities: [
            { type: 'NAME', match: [...text].slice(start, end).join(''), action: 'ANONYMIZED', detected: true },
          ],
        },
      },
    ],
  }),
})

describe('what it puts in place of a text', () => {
  const pii = (action: string) => ({ type: 'NAME', match: 'Johann Müller', action, detected: true })
  const read = (text: string, action: string) =>
    adapter.read(questionOf('input', text), 0, {
      status: 200,
      body: JSON.stringify({
        action: 'GUARDRAIL_INTERVENED',
        outputs: [{ text: 'I am {NAME}.' }],
        assessments: [{ sensitiveInformationPolicy: { piiEntities: [pii(action)] } }],
      }),
    })

  it('is offered where it anonymized something whose place it does not tell', () => {
    expect(read('I am JOHANN Müller.', 'ANONYMIZED')).toMatchObject([
      { kind: 'name', span: undefined, replacement: 'I am {NAME}.' },
    ])
  })

  it('is its own sentence where it blocked, and is not offered', () => {
    expect(read('I am JOHANN Müller.', 'BLOCKED')).toMatchObject([
      { kind: 'name', span: undefined, replacement: undefined },
    ])
  })

  it('is not offered for a part of a text', () => {
    const [first, second] = ['ANONYMIZED', 'ANONYMIZED'].map((action) =>
      read('I am JOHANN Müller. '.repeat(2_000), action),
    )
    expect([first, second]).toMatchObject([[{ replacement: undefined }], [{ replacement: undefined }]])
  })
})

it('finds no more places than an answer may tell: words of one letter are in every word', () => {
  const word = { match: 'a', action: 'BLOCKED', detected: true }
  const assessments = [{ wordPolicy: { customWords: Array.from({ length: 100 }, () => word) } }]
  const body = JSON.stringify({ action: 'GUARDRAIL_INTERVENED', outputs: [], assessments })
  const read = () => adapter.read(questionOf('input', 'a '.repeat(5_000)), 0, { status: 200, body })
  expect(read).toThrow('more than 10000 places')
})

it('intervenes for more than we know of: that is told, too', () => {
  const body = JSON.stringify({
    action: 'GUARDRAIL_INTERVENED',
    outputs: [],
    assessments: [{ automatedReasoningPolicy: { findings: [{}] } }],
  })
  expect(adapter.read(questionOf('input', 'One.'), 0, { status: 200, body })).toMatchObject([{ kind: 'intervened' }])
})

it('has the ARN of a guardrail in its path as one segment', () => {
  const arn = 'arn:aws:bedrock:eu-central-1:123456789012:guardrail/gr4ab'
  const [asked] = bedrockGuardrail({ guardrail: arn, version: 'DRAFT' }, url).word(questionOf('input', 'One.'))
  expect(asked?.url).toBe(`${url}/guardrail/${encodeURIComponent(arn)}/version/DRAFT/apply`)
})

function questionOf(phase: GuardQuestion['phase'], text: string): GuardQuestion {
  return {
    phase,
    texts: [{ path: 'messages[0].content', place: phase === 'input' ? 'user' : 'assistant', text, isJsonText: false }],
  }
}
