import { describe, expect, it } from 'vitest'
import type { GuardQuestion } from './external-guard.ts'
import { adapterLaws } from './laws/adapter-laws.ts'
import { moderationCategories, openAiModeration } from './openai-moderation.ts'

const settings = { url: 'https://api.openai.com/v1', model: 'omni-moderation-latest' }
const question: GuardQuestion = {
  phase: 'output',
  texts: ['Have a quiet evening.', '', 'I will hurt them tonight.'].map((text, place) => ({
    path: `choices[${place}].message.content`,
    place: 'assistant',
    text,
    isJsonText: false,
  })),
}

/** As the API has it: categories with a slash, all of them in each result. */
function result(flagged: readonly string[], scores: Readonly<Record<string, number>>) {
  const words = moderationCategories.map((kind) =>
    kind.replace(/^(self-harm|[a-z]+)-/, '$1/').replace('self/harm', 'self-harm'),
  )
  return {
    flagged: flagged.length > 0,
    categories: Object.fromEntries(words.map((word) => [word, flagged.includes(word)])),
    category_scores: Object.fromEntries(words.map((word) => [word, scores[word] ?? 0.00001])),
    category_applied_input_types: Object.fromEntries(words.map((word) => [word, ['text']])),
  }
}

const answer = {
  id: 'modr-1',
  model: 'omni-moderation-latest',
  results: [
    result([], { hate: 0.2 }),
    result(['harassment/threatening', 'violence'], { 'harassment/threatening': 0.81, violence: 0.97 }),
  ],
}

adapterLaws('OpenAI moderation', {
  adapter: openAiModeration(settings, undefined),
  golden: [
    {
      name: 'two texts in one call, the second of which threatens',
      question,
      calls: [
        {
          url: 'https://api.openai.com/v1/moderations',
          body: { model: 'omni-moderation-latest', input: ['Have a quiet evening.', 'I will hurt them tonight.'] },
        },
      ],
      answers: [answer],
      findings: [
        { text: 2, kind: 'harassment-threatening', score: 0.81, span: undefined, replacement: undefined },
        { text: 2, kind: 'violence', score: 0.97, span: undefined, replacement: undefined },
      ],
    },
  ],
  nothing: (count) => ({ id: 'modr-2', model: 'm', results: Array.from({ length: count }, () => result([], {})) }),
})

describe('what counts', () => {
  const kinds = (
    categories: (typeof moderationCategories)[number][] | undefined,
    threshold: number | undefined,
    told: object = answer,
  ) =>
    openAiModeration({ ...settings, categories }, threshold)
      .read(question, 0, { status: 200, body: JSON.stringify(told) })
      .map(({ text, kind }) => `${text} ${kind}`)

  it('is what scores enough, where the rule says what is enough', () => {
    expect(kinds(undefined, 0.2)).toEqual(['0 hate', '2 harassment-threatening', '2 violence'])
    expect(kinds(undefined, 0.9)).toEqual(['2 violence'])
  })

  it('is only what is asked for, where categories are named', () => {
    expect(kinds(['violence'], undefined)).toEqual(['2 violence'])
    expect(kinds(['sexual'], undefined)).toEqual([])
  })

  it('is what is flagged without a reason, too', () => {
    const unexplained = { results: [result([], {}), { ...result([], {}), flagged: true }] }
    expect(kinds(undefined, undefined, unexplained)).toEqual(['2 flagged'])
  })

  it('is nonsense where another number of texts was judged', () => {
    expect(() => kinds(undefined, undefined, { results: [result([], {})] })).toThrow('another number of texts')
  })
})

it('asks 32 pieces in a call at most, and reads each call for its own', () => {
  const [sample] = question.texts
  if (!sample) throw new Error('no sample')
  const many: GuardQuestion = { ...question, texts: Array.from({ length: 40 }, () => sample) }
  const adapter = openAiModeration(settings, undefined)
  expect(adapter.word(many).map(({ body }) => JSON.parse(body).input.length)).toEqual([32, 8])
  const results = [...Array.from({ length: 7 }, () => result([], {})), result(['hate'], { hate: 0.9 })]
  expect(adapter.read(many, 1, { status: 200, body: JSON.stringify({ results }) })).toMatchObject([
    { text: 39, kind: 'hate' },
  ])
})
