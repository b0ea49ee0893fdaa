import { describe, expect, it } from 'vitest'
import { boundTokens } from '../../accounting/token-bound.ts'
import type { Json, JsonObject } from '../../canonical/json.ts'
import { refusedParam } from '../laws/refused-param.ts'
import { openAiCompletions } from './index.ts'

const { readCall, readExtent, outputCapEdits, upstreamEdits } = openAiCompletions
const call = (body: JsonObject = {}) => readCall({ model: 'm', prompt: 'a', ...body })

describe('a call for completions', () => {
  it('is read with its defaults, the published cap of 16 tokens among them', () => {
    expect(call()).toEqual({
      operation: 'chat',
      modelName: 'm',
      isStream: false,
      outputCapTokens: 16,
      choiceCount: 1,
      wantsStreamUsage: false,
      needs: new Set(),
      endUser: undefined,
    })
  })

  it.each<[string, JsonObject, number, number | undefined]>([
    ['n', { n: 3 }, 3, undefined],
    ['best_of, of which fewer are told', { n: 2, best_of: 5 }, 5, undefined],
    ['a best_of of nothing', { best_of: 0 }, 1, undefined],
    ['several prompts', { prompt: ['a', 'b', 'c'], n: 2 }, 6, 3],
    ['one prompt of token numbers', { prompt: [1, 2, 3] }, 1, undefined],
    ['several of them', { prompt: [[1], [2, 3]] }, 2, 2],
    ['no prompt', { prompt: null }, 1, undefined],
  ])('counts the answers that are written: %s', (_, body, choiceCount, inputCount) => {
    expect(call(body)).toMatchObject({ choiceCount })
    expect(call(body).inputCount).toBe(inputCount)
  })

  it('asks for no more than a chat in all its answers, so that the most it may cost can be recorded', () => {
    const prompt = Array<string>(2_048).fill('a')
    expect(call({ prompt, n: 128, max_tokens: 2 ** 20 })).toMatchObject({ outputCapTokens: 2 ** 20 })
    expect(refusedParam(() => call({ prompt, n: 128, max_tokens: 2 ** 20 + 1 }))).toBe('max_tokens')
    expect(call({ n: 128, max_tokens: 2 ** 31 })).toMatchObject({ outputCapTokens: 2 ** 31 })
  })

  it('M13 refuses what we act on and cannot be, naming the field', () => {
    const cases: readonly (readonly [string, Json])[] = [
      ['model', ''],
      ['prompt', 7],
      ['prompt', { text: 'a' }],
      ['prompt', Array.from({ length: 2049 }, () => 'a')],
      ['max_tokens', -1],
      ['max_tokens', 1.5],
      ['max_tokens', 2 ** 31 + 1],
      ['n', 0],
      ['best_of', 129],
      ['logprobs', true],
      ['stream', 'yes'],
    ]
    for (const [field, value] of cases)
      expect(
        refusedParam(() => call({ [field]: value })),
        field,
      ).toBe(field)
    expect(refusedParam(() => call({ stream_options: { include_usage: 1 } }))).toBe('stream_options.include_usage')
  })

  it.each<[string, JsonObject, string | undefined]>([
    ['a text', {}, undefined],
    ['a text in a list', { prompt: ['a'] }, undefined],
    ['several prompts', { prompt: ['a', 'b'] }, 'several prompts'],
    ['no prompt', { prompt: null }, 'no prompt'],
    ['token numbers', { prompt: [1] }, 'a prompt of token numbers'],
    ['what is no prompt', { prompt: [{}] }, 'a prompt that is no text'],
    ['a suffix', { suffix: 'b' }, 'a text to be filled in before `suffix`'],
    ['an empty suffix', { suffix: '' }, undefined],
    ['no answer', { max_tokens: 0 }, 'a wish for no answer (`max_tokens: 0`)'],
    ['echo and best_of, which are losses', { echo: true, best_of: 3 }, undefined],
  ])('is left in its own dialect where a conversation has no word for it: %s', (_, body, why) => {
    expect(call(body).untranslatable).toBe(why)
  })

  it('asks a target for odds only where they are asked for', () => {
    expect([...call({ logprobs: 0 }).needs]).toEqual(['logprobs'])
    expect([...call({ logprobs: null }).needs]).toEqual([])
  })

  it('M8 asks for usage in a stream, and changes nothing else but the model', () => {
    const body = { model: 'm', prompt: 'a', stream: true, stream_options: { x: 1 } }
    expect(upstreamEdits(body, readCall(body), 'm-2')).toEqual([
      { key: 'model', value: 'm-2' },
      { key: 'stream_options', value: { x: 1, include_usage: true } },
    ])
    expect(upstreamEdits({ model: 'm', prompt: 'a' }, call(), 'm')).toEqual([])
  })

  it('says a cap aloud, since not every server keeps to the published default', () => {
    const none = undefined
    expect(outputCapEdits({ prompt: 'a' }, 16, none)).toEqual([{ key: 'max_tokens', value: 16 }])
    expect(outputCapEdits({ prompt: 'a', max_tokens: 16 }, 16, none)).toEqual([])
    expect(outputCapEdits({ prompt: 'a', max_tokens: 99 }, 16, none)).toEqual([{ key: 'max_tokens', value: 16 }])
  })
})

describe('the most that a call for completions can use', () => {
  const boundOf = (body: JsonObject, contextTokens: number | undefined = undefined) => {
    const { outputCapTokens, choiceCount } = call(body)
    const extent = readExtent({ model: 'm', prompt: 'a', ...body })
    return boundTokens(extent, 1000, outputCapTokens ?? 0, choiceCount, { contextTokens, imageTokens: undefined })
  }

  it('I3 multiplies prompts, choices and the best of how many', () => {
    expect(boundOf({ max_tokens: 10 })).toMatchObject({ outputTokens: 10 })
    expect(boundOf({ prompt: ['a', 'b', 'c'], n: 2, best_of: 4, max_tokens: 10 })).toMatchObject({ outputTokens: 120 })
  })

  it('I3 lets each prompt fill the window by itself', () => {
    expect(boundOf({}, 300)).toMatchObject({ inputTokens: 300 })
    expect(boundOf({ prompt: ['a', 'b'] }, 300)).toMatchObject({ inputTokens: 600 })
  })

  it('I3 counts an echo as if it were written, as often as it is', () => {
    const { inputTokens } = { inputTokens: 0, ...boundOf({}) }
    expect(boundOf({ echo: true, n: 2, max_tokens: 10 })).toMatchObject({ outputTokens: 20 + 2 * inputTokens })
  })

  it('has no bound for a prompt of vectors', () => {
    expect(boundOf({ prompt_embeds: 'AAAA' })).toMatchObject({ kind: 'unbounded' })
  })
})
