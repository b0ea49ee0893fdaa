import { describe, expect, it } from 'vitest'
import type { Reasoning } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { medium, said, text, thought, toldIn, toolResult, toolUse, turns } from '../../laws/foreign-words.ts'
import { CallIds } from './call-ids.ts'
import { translation } from './index.ts'

const told = (words: Parameters<typeof toldIn>[1]) => toldIn(translation, { isStream: false, ...words })
const wish = (words: Partial<Reasoning>): Reasoning =>
  said({ mode: undefined, effort: undefined, budgetTokens: undefined, display: undefined, ...words }, 'wish')
const base64 = { kind: 'base64', mediaType: 'image/png', base64: 'iVBORw0KGgo' } as const

describe('a call of another dialect, worded for Ollama', () => {
  it('says aloud whether it wants a stream, since one comes unasked', () => {
    expect(told({}).body).toEqual({ model: 'm', messages: [], stream: false })
    expect(told({ isStream: true }).body['stream']).toBe(true)
  })

  it('keeps sampling and the cap among the options', () => {
    const { body, losses } = told({ outputCapTokens: 9, topK: 4, stopSequences: ['x'], seed: 1, minP: 0.1 })
    expect(body['options']).toEqual({ num_predict: 9, top_k: 4, stop: ['x'], seed: 1, min_p: 0.1 })
    expect(losses).toEqual([])
  })

  it('lays out calls and results, each result with its tool’s name', () => {
    const messages = turns(
      ['developer', text('Be brief.')],
      ['user', text('Weather?'), medium('image', base64)],
      ['assistant', thought('Hm.'), text('Let me see.'), toolUse('c1', 'weather', '{"city":"Bonn"}')],
      ['tool', toolResult('c1', [text('12'), medium('image', base64)])],
    )
    const { body, losses } = told({ messages })
    expect(body['messages']).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Weather?', images: ['iVBORw0KGgo'] },
      {
        role: 'assistant',
        content: 'Let me see.',
        thinking: 'Hm.',
        tool_calls: [{ id: 'c1', function: { name: 'weather', arguments: { city: 'Bonn' } } }],
      },
      { role: 'tool', content: '12', images: ['iVBORw0KGgo'], tool_name: 'weather', tool_call_id: 'c1' },
    ])
    expect(losses).toEqual(['~messages[0].role'])
  })

  it('is told the text of documents, whatever their source is', () => {
    const source = (mediaType: string, words: string) =>
      ({ kind: 'base64', mediaType, base64: Buffer.from(words).toString('base64') }) as const
    const messages = turns([
      'user',
      medium('document', { kind: 'text', mediaType: 'text/plain', text: 'one' }),
      medium('document', source('text/csv', 'two')),
      medium('document', { kind: 'blocks', blocks: [text('three'), text('four')] }),
      medium('document', source('application/pdf', '%PDF')),
    ])
    const { body, losses } = told({ messages })
    expect(body['messages']).toEqual([{ role: 'user', content: 'one\n\ntwo\n\nthree\nfour' }])
    expect(losses).toEqual([
      ...[0, 1, 2].map((place) => `~messages[0].blocks[${place}].source`),
      'messages[0].blocks[3]',
    ])
  })

  it('is told pieces of one text as one, and other texts as paragraphs', () => {
    const messages = turns(
      ['user', text('Hi'), text('there')],
      ['assistant', text('It is '), text('12.'), toolUse('c1', 'go'), text('Bye.')],
    )
    expect(told({ messages }).body['messages']).toMatchObject([
      { content: 'Hi\n\nthere' },
      { content: 'It is 12.\n\nBye.' },
    ])
  })

  it('names what Ollama has no word for', () => {
    const messages = turns(
      ['user', medium('image', { kind: 'url', url: 'https://x/y.png' }), medium('audio', base64)],
      ['assistant', thought('', undefined, { redactedData: 'x' }), toolUse('c1', 'go', 'not json')],
      ['tool', toolResult('c1', [], true)],
    )
    const { body, losses } = told({ messages, toolChoice: { kind: 'any' }, choiceCount: 2, logitBias: { '1': 2 } })
    expect(losses.toSorted()).toEqual(
      [
        'choiceCount',
        'logitBias',
        'messages[0].blocks[0]',
        'messages[0].blocks[1]',
        'messages[1].blocks[0]',
        'messages[2].blocks[0].isError',
        'toolChoice',
        '~messages[0].blocks',
        '~messages[0].role',
        '~messages[1].blocks[1].argumentsText',
      ].toSorted(),
    )
    // A failure about which the tool said nothing would look like a success.
    expect(body['messages']).toMatchObject([{ role: 'assistant' }, { role: 'tool', content: 'error' }])
  })

  it.each<[Reasoning, Json | undefined, readonly string[]]>([
    [wish({ mode: 'on' }), true, []],
    [wish({ mode: 'off' }), false, []],
    [wish({ effort: 'none' }), false, []],
    [wish({ effort: 'medium' }), 'medium', []],
    [wish({ effort: 'xhigh' }), 'high', ['~wish.effort']],
    [wish({ effort: 'minimal' }), 'low', ['~wish.effort']],
    [wish({ mode: 'on', budgetTokens: 9000 }), 'high', ['~wish.budgetTokens', '~wish.mode']],
    [wish({ mode: 'adaptive' }), undefined, ['~wish.mode']],
  ])('is told how much to think: %j', (reasoning, think, losses) => {
    const result = told({ modelName: 'gpt-oss:20b', reasoning })
    expect([result.body['think'], result.losses.toSorted()]).toEqual([think, losses.toSorted()])
  })

  it.each<[Reasoning, Json | undefined, readonly string[]]>([
    [wish({ mode: 'on' }), true, []],
    [wish({ effort: 'none' }), false, []],
    [wish({ effort: 'medium' }), true, ['~wish.effort']],
    [wish({ mode: 'on', budgetTokens: 9000 }), true, ['~wish.budgetTokens', '~wish.mode']],
    [wish({ mode: 'adaptive' }), undefined, ['~wish.mode']],
  ])('is told only whether to think where the model knows no efforts: %j', (reasoning, think, losses) => {
    const result = told({ modelName: 'qwen3:8b', reasoning })
    expect([result.body['think'], result.losses.toSorted()]).toEqual([think, losses.toSorted()])
  })

  it('is told no tool where none may be called', () => {
    const tools = [
      { kind: 'function', name: 'f', description: undefined, schema: undefined, isStrict: true, cache: undefined },
    ] as const
    expect(told({ tools }).body['tools']).toEqual([
      { type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } },
    ])
    const none = told({ tools, toolChoice: { kind: 'none' } })
    expect([none.body['tools'], none.losses]).toEqual([undefined, ['tools']])
  })
})

describe('which call a result answers', () => {
  it('is told by its id, else by the tool’s name, else by the order', () => {
    const ids = new CallIds()
    expect([ids.open('a', 'x'), ids.open(undefined, 'y'), ids.open('', 'x'), ids.open('d', 'z')]).toEqual([
      'a',
      'call_1',
      'call_2',
      'd',
    ])
    expect(ids.answered('d', undefined)).toBe('d')
    expect(ids.answered(undefined, 'y')).toBe('call_1')
    expect(ids.answered('', 'nobody')).toBe('a')
    expect(ids.answered('unknown', 'x')).toBe('unknown')
    expect([ids.answered(undefined, null), ids.answered(undefined, 'x')]).toEqual(['call_2', 'call_unknown'])
  })

  it('is told by the order of the latest turn’s calls, before those of earlier turns that nobody answered', () => {
    const ids = new CallIds()
    for (const name of ['x', 'y']) ids.open(undefined, name)
    ids.beginTurn()
    for (const name of ['x', 'z']) ids.open(undefined, name)
    expect([ids.answered(undefined, 'x'), ids.answered(undefined, null)]).toEqual(['call_2', 'call_3'])
    expect([ids.answered(undefined, null), ids.answered(undefined, null)]).toEqual(['call_0', 'call_1'])
  })

  it('is told by a `name` as well as by a `tool_name`', () => {
    const called = (name: string) => ({ function: { name, arguments: {} } })
    const { messages } = translation.readChat({
      model: 'm',
      messages: [
        { role: 'assistant', content: '', tool_calls: [called('x'), called('y')] },
        { role: 'tool', content: 'of y', name: 'y' },
        { role: 'tool', content: 'of x', tool_name: 'x' },
      ],
    })
    expect(messages.slice(1)).toMatchObject([
      { blocks: [{ toolUseId: 'call_1' }] },
      { blocks: [{ toolUseId: 'call_0' }] },
    ])
  })
})

describe('a call of Ollama’s, read', () => {
  it('wants a schema that it gives enforced, as Ollama does it', () => {
    const format = { type: 'object', properties: {} }
    const { outputFormat } = translation.readChat({ model: 'm', messages: [], format })
    expect(outputFormat).toMatchObject({ kind: 'json-schema', schema: format, isStrict: true })
  })
})

describe('an answer of Ollama’s, read', () => {
  const kindsOf = (message: JsonObject) =>
    translation
      .readAnswer({ model: 'm', message, logprobs: [{ token: 'x', logprob: -1 }], done: true })
      .events.flatMap((event) =>
        event.kind === 'block-start' ? [event.content.kind] : event.kind === 'block-delta' ? [event.delta.kind] : [],
      )
  const calls = [{ function: { name: 'f', arguments: {} } }]

  it('has the odds with its text, before its calls', () => {
    expect(kindsOf({ content: 'Hi', tool_calls: calls })).toEqual(['text', 'text', 'logprobs', 'tool-use', 'arguments'])
  })

  it('has the odds with its calls where it has no text', () => {
    expect(kindsOf({ content: '', tool_calls: calls })).toEqual(['tool-use', 'arguments', 'logprobs'])
    expect(kindsOf({ content: '' })).toEqual(['text', 'logprobs'])
  })
})
