import { describe, expect, it } from 'vitest'
import type { Block, ChatCall } from '../../../canonical/chat.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { Losses } from '../../../canonical/loss.ts'
import { edit } from '../../../canonical/origin.ts'
import type { TargetWord } from '../../translation.ts'
import { readChat } from './read-chat.ts'
import { foreign, foreignCall, foreignMessage, media, result, text, thought, use } from '../../laws/sample-nodes.ts'
import { writeChat } from './write-chat.ts'

function write(
  call: ChatCall,
  ...words: readonly TargetWord[]
): { readonly body: JsonObject; readonly lost: readonly string[] } {
  const losses = new Losses()
  const body = writeChat(call, losses, { defaultOutputCapTokens: 4096, words: new Set(words) })
  return { body, lost: losses.list().map(({ path, kind }) => `${kind === 'approximated' ? '~' : ''}${path}`) }
}

const said = (...messages: ChatCall['messages']) => write(foreignCall({ messages })).body['messages']
const user = (...blocks: readonly Block[]) => foreignMessage('user', blocks)
const assistant = (...blocks: readonly Block[]) => foreignMessage('assistant', blocks, undefined, 'turns[1]')
const hi = user(text('Hi'))
const closed = { type: 'object', properties: {}, additionalProperties: false }
const mark = { cache: { ttl: '1h' } } as const

describe('writing a call of another dialect', () => {
  it.each([
    ['minimal', 'none', ['~reasoning.effort']],
    ['medium', 'high', ['~reasoning.effort']],
    ['high', 'high', []],
  ])('with the effort %s as %s for a target that has two words for it', (effort, told, lost) => {
    const reasoning = foreign({ ...noReasoning, effort }, 'reasoning', { effort: 'effort' })
    const { body, lost: found } = write(foreignCall({ reasoning }), 'effort_high_or_none')
    expect([body['reasoning_effort'], found]).toEqual([told, lost])
    expect(write(foreignCall({ reasoning })).body['reasoning_effort']).toBe(effort)
  })

  it('says nothing for which the target would refuse all of it, and tells what is lost by that', () => {
    const call = foreignCall({
      isStream: true,
      seed: 1,
      temperature: 0.2,
      mayCallToolsInParallel: false,
      logprobs: foreign({ isWanted: true, topCount: 2 }, 'logprobs', { isWanted: 'wanted', topCount: 'top' }),
    })
    const losses = new Losses()
    const refuses = new Set(['stream_options', 'seed', 'logprobs', 'parallel_tool_calls'])
    expect(writeChat(call, losses, { defaultOutputCapTokens: 4096, refuses })).toEqual({
      model: call.modelName,
      messages: [{ role: 'user', content: 'Hi' }],
      stream: true,
      temperature: 0.2,
    })
    expect(losses.list().map(({ path }) => path)).toEqual(['their_mayCallToolsInParallel', 'logprobs', 'their_seed'])
  })

  it('in the published fields, losing nothing that they can say', () => {
    const call = foreignCall({
      modelName: 'gpt',
      isStream: true,
      outputCapTokens: 9,
      temperature: 0.2,
      topP: 0.9,
      stopSequences: ['A'],
      seed: 1,
      presencePenalty: 1,
      frequencyPenalty: 2,
      logitBias: { 1: 2 },
      choiceCount: 2,
      endUser: 'u',
      metadata: { a: 'b' },
      serviceTier: 'flex',
      verbosity: 'low',
    })
    expect(write(call)).toEqual({
      lost: [],
      body: {
        model: 'gpt',
        messages: [{ role: 'user', content: 'Hi' }],
        stream: true,
        stream_options: { include_usage: true },
        max_completion_tokens: 9,
        temperature: 0.2,
        top_p: 0.9,
        stop: ['A'],
        seed: 1,
        presence_penalty: 1,
        frequency_penalty: 2,
        logit_bias: { 1: 2 },
        n: 2,
        user: 'u',
        metadata: { a: 'b' },
        service_tier: 'flex',
        verbosity: 'low',
      },
    })
  })

  it('M8 asks for usage in a stream even if the caller did not have to', () => {
    expect(write(foreignCall({ isStream: true })).body['stream_options']).toEqual({ include_usage: true })
    expect(write(foreignCall()).body).not.toHaveProperty('stream_options')
  })

  it('words that only some targets take are said to those, and lost elsewhere', () => {
    const call = foreignCall({ topK: 5, minP: 0.1, outputCapTokens: 9 })
    expect(write(call).lost).toEqual(['their_topK', 'their_minP'])
    expect(write(call, 'top_k', 'min_p', 'max_tokens')).toMatchObject({
      lost: [],
      body: { top_k: 5, min_p: 0.1, max_tokens: 9 },
    })
  })

  it('more stop sequences than there may be are cut, and a tier that does not exist is not said', () => {
    const { body, lost } = write(
      foreignCall({ stopSequences: ['a', 'b', 'c', 'd', 'e'], serviceTier: 'standard_only' }),
    )
    expect(body).toMatchObject({ stop: ['a', 'b', 'c', 'd'] })
    expect(body).not.toHaveProperty('service_tier')
    expect(lost.toSorted()).toEqual(['their_serviceTier', '~their_stopSequences'])
  })

  it('turns of the system, where they stand, with text only', () => {
    const messages = [
      foreignMessage('system', [text('Be brief.'), text('Be kind.')]),
      hi,
      foreignMessage('developer', [text('Now.')]),
    ]
    expect(said(...messages)).toEqual([
      {
        role: 'system',
        content: [
          { type: 'text', text: 'Be brief.' },
          { type: 'text', text: 'Be kind.' },
        ],
      },
      { role: 'user', content: 'Hi' },
      { role: 'developer', content: 'Now.' },
    ])
  })

  it('the name of a participant', () => {
    expect(said(foreignMessage('user', [text('Hi')], 'ada'))).toEqual([{ role: 'user', name: 'ada', content: 'Hi' }])
  })

  it('pictures, documents and sound', () => {
    const { body, lost } = write(
      foreignCall({
        messages: [
          user(
            media('image', { kind: 'base64', mediaType: 'image/png', base64: 'AAAA' }, { detail: 'low' }),
            media('image', { kind: 'url', url: 'https://example.com/a.png' }),
            media('document', { kind: 'base64', mediaType: 'application/pdf', base64: 'JVBE' }, { title: 'T' }),
            media('audio', { kind: 'base64', mediaType: 'audio/mpeg', base64: 'UklG' }),
          ),
        ],
      }),
    )
    expect(body['messages']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', detail: 'low' } },
          { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
          { type: 'file', file: { filename: 'T', file_data: 'data:application/pdf;base64,JVBE' } },
          { type: 'input_audio', input_audio: { data: 'UklG', format: 'mp3' } },
        ],
      },
    ])
    expect(lost).toEqual([])
  })

  it('documents of other kinds become what comes nearest, and what cannot be read elsewhere is a loss', () => {
    const blocks = [
      media('document', { kind: 'text', mediaType: 'text/plain', text: 'Long.' }, { note: 'Old.' }, 'd[0]'),
      media('document', { kind: 'blocks', blocks: [text('A.'), text('B.')] }, {}, 'd[1]'),
      media('document', { kind: 'url', url: 'https://example.com/a.pdf' }, { wantsCitations: true }, 'd[2]'),
      media('document', { kind: 'file', fileId: 'f' }, {}, 'd[3]'),
      media('audio', { kind: 'url', url: 'https://example.com/a.mp3' }, {}, 'd[4]'),
    ]
    const { body, lost } = write(foreignCall({ messages: [user(...blocks)] }))
    expect(body['messages']).toMatchObject([
      {
        content: [
          { type: 'text', text: 'Long.' },
          { type: 'text', text: 'A.' },
          { type: 'text', text: 'B.' },
          { type: 'file', file: { filename: 'document.pdf', file_data: 'https://example.com/a.pdf' } },
        ],
      },
    ])
    expect(lost.toSorted()).toEqual(
      [
        '~d[0].source',
        'd[0].context',
        '~d[1].source',
        '~d[2].source',
        'd[2].citations.enabled',
        'd[3]',
        'd[4]',
      ].toSorted(),
    )
  })

  it('calls of tools and their results, which are messages of their own and come first', () => {
    const messages = [
      hi,
      assistant(text('I look.'), use('a', 'weather', '{"city":"Bonn"}'), use('b', 'weather')),
      user(text('Thanks.'), result('a', [text('12 degrees')]), result('b', [text('x'), text('y')], true)),
    ]
    const { body, lost } = write(foreignCall({ messages }))
    expect(body['messages']).toEqual([
      { role: 'user', content: 'Hi' },
      {
        role: 'assistant',
        content: 'I look.',
        tool_calls: [
          { id: 'a', type: 'function', function: { name: 'weather', arguments: '{"city":"Bonn"}' } },
          { id: 'b', type: 'function', function: { name: 'weather', arguments: '{}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'a', content: '12 degrees' },
      {
        role: 'tool',
        tool_call_id: 'b',
        content: [
          { type: 'text', text: 'x' },
          { type: 'text', text: 'y' },
        ],
      },
      { role: 'user', content: 'Thanks.' },
    ])
    expect(lost).toEqual(['turns[2].result.b.is_error'])
  })

  it('a text after a call is told before it, and named', () => {
    const { body, lost } = write(
      foreignCall({ messages: [hi, assistant(use('a', 'f'), text('I look.')), user(result('a', [text('x')]))] }),
    )
    expect(body['messages']).toMatchObject([{}, { content: 'I look.', tool_calls: [{ id: 'a' }] }, { content: 'x' }])
    expect(lost).toHaveLength(1)
    expect(lost[0]).toMatch(/^~/)
  })

  it('a failure about which the tool said nothing does not look like a success', () => {
    const results = user(result('a', [], true), result('b', [], false), result('c', []))
    const { body, lost } = write(foreignCall({ messages: [hi, assistant(use('a', 'f'), use('b', 'f')), results] }))
    expect(body['messages']).toMatchObject([{}, {}, { content: 'error' }, { content: '' }, { content: '' }])
    expect(lost).toEqual(['turns[2].result.a.is_error'])
  })

  it('pictures in a result follow it as a turn of the user', () => {
    const picture = media('image', { kind: 'base64', mediaType: 'image/png', base64: 'AAAA' }, {}, 'p')
    const { body, lost } = write(
      foreignCall({ messages: [hi, assistant(use('a', 'look')), user(result('a', [picture]))] }),
    )
    expect(body['messages']).toMatchObject([
      {},
      { role: 'assistant', content: null },
      { role: 'tool', tool_call_id: 'a', content: '' },
      { role: 'user', content: [{ type: 'image_url' }] },
    ])
    expect(lost).toEqual(['~p.source'])
  })

  it('pictures in results of parallel calls follow all of them, which stay together', () => {
    const picture = (path: string) =>
      media('image', { kind: 'base64', mediaType: 'image/png', base64: 'AAAA' }, {}, path)
    const tool = (id: string, ...blocks: readonly Block[]) => foreignMessage('tool', [result(id, blocks)])
    const calls = assistant(use('a', 'look'), use('b', 'look'), use('c', 'look'))
    const results = [tool('a', picture('p')), tool('b', text('x'))]
    const pictures = (count: number) => Array.from({ length: count }, () => ({ type: 'image_url' }))
    for (const [last, content] of [
      [tool('c', picture('q')), pictures(2)],
      [user(result('c', [picture('q')]), text('And?')), [...pictures(2), { type: 'text', text: 'And?' }]],
    ] as const) {
      const { body, lost } = write(foreignCall({ messages: [hi, calls, ...results, last, assistant(text('So.')), hi] }))
      expect(body['messages']).toMatchObject([
        { role: 'user', content: 'Hi' },
        { role: 'assistant' },
        { role: 'tool', tool_call_id: 'a', content: '' },
        { role: 'tool', tool_call_id: 'b', content: 'x' },
        { role: 'tool', tool_call_id: 'c', content: '' },
        { role: 'user', content },
        { role: 'assistant', content: 'So.' },
        { role: 'user', content: 'Hi' },
      ])
      expect(lost).toEqual(['~p.source', '~q.source'])
    }
  })

  it('refusals; citations are a loss; opaque blocks are a loss; an unfinished turn of the assistant is told as one', () => {
    const opaque = foreign<Block>({ kind: 'opaque', type: 'server_tool_use' }, 'o', {})
    const { body, lost } = write(
      foreignCall({
        messages: [hi, assistant(text('a', { citations: [{}] }, 't'), { kind: 'refusal', text: 'No.' }, opaque)],
      }),
    )
    expect(body['messages']).toMatchObject([{}, { role: 'assistant', content: 'a', refusal: 'No.' }])
    expect(lost.toSorted()).toEqual(['o', 't.citations', '~turns[1].blocks'].toSorted())
  })

  it.each<[readonly TargetWord[], object, readonly string[]]>([
    [[], { content: 'Four.' }, ['turns[1].blocks[0]', 'e']],
    [['reasoning_content'], { reasoning_content: 'Hm.' }, ['turns[1].blocks[0].signature', 'e']],
    [['reasoning'], { reasoning: 'Hm.' }, ['turns[1].blocks[0].signature', 'e']],
    [
      ['reasoning_details'],
      {
        reasoning_details: [
          { type: 'reasoning.text', text: 'Hm.', signature: 's', index: 0 },
          { type: 'reasoning.encrypted', data: 'x', index: 1 },
        ],
      },
      [],
    ],
    [
      ['thinking'],
      {
        content: [
          { type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] },
          { type: 'text', text: 'Four.' },
        ],
      },
      ['turns[1].blocks[0].signature', 'e'],
    ],
  ])('thoughts go where the target takes them back: %j', (words, told, lost) => {
    const blocks = [thought('Hm.', { signature: 's' }), thought('', { redactedData: 'x' }, 'e'), text('Four.')]
    const written = write(foreignCall({ messages: [hi, assistant(...blocks), hi] }), ...words)
    expect(written.body['messages']).toMatchObject([{}, told, {}])
    expect(written.lost).toEqual(expect.arrayContaining([...lost]))
    expect(written.lost).toHaveLength(lost.length)
  })

  it('marks of a prompt cache, for a target that takes them', () => {
    const messages = [foreignMessage('system', [text('Long.', mark)])]
    expect(write(foreignCall({ messages }))).toMatchObject({
      lost: ['turns[0].blocks[0].cache'],
      body: { messages: [{ role: 'system', content: 'Long.' }] },
    })
    expect(write(foreignCall({ messages }), 'cache_control').body['messages']).toEqual([
      { role: 'system', content: [{ type: 'text', text: 'Long.', cache_control: { type: 'ephemeral', ttl: '1h' } }] },
    ])
    expect(write(foreignCall({ messages }), 'prompt_cache_breakpoint').body['messages']).toEqual([
      { role: 'system', content: [{ type: 'text', text: 'Long.', prompt_cache_breakpoint: { mode: 'explicit' } }] },
    ])
  })

  it('a schema that the target cannot be made to enforce is told without `strict`, and named', () => {
    const open = { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false }
    const tool = foreign<NonNullable<ChatCall['tools']>[number]>(
      { kind: 'function', name: 'f', description: undefined, schema: open, isStrict: true, cache: undefined },
      'tools[0]',
      { name: 'name', schema: 'input_schema', isStrict: 'strict' },
    )
    const format = (schema: JsonObject) =>
      foreign<NonNullable<ChatCall['outputFormat']>>(
        { kind: 'json-schema', name: undefined, description: undefined, schema, isStrict: true },
        'format',
        { schema: 'schema' },
      )
    const loose = write(foreignCall({ tools: [tool], outputFormat: format(open) }))
    expect(loose.lost).toEqual(['~tools[0].strict', '~format.schema'])
    expect(JSON.stringify(loose.body)).not.toContain('strict')
    const enforced = write(foreignCall({ outputFormat: format(closed) }))
    expect(enforced).toMatchObject({ lost: [], body: { response_format: { json_schema: { strict: true } } } })
  })

  it('tools and which to call; tools that only another dialect has are a loss, and so is a choice among none', () => {
    const heard = { name: 'name', description: 'description', schema: 'input_schema', isStrict: 'strict' }
    const tool = foreign<NonNullable<ChatCall['tools']>[number]>(
      { kind: 'function', name: 'f', description: 'd', schema: closed, isStrict: true, cache: undefined },
      'tools[0]',
      heard,
    )
    const other = foreign<NonNullable<ChatCall['tools']>[number]>({ kind: 'opaque', type: 'bash' }, 'tools[1]', {})
    const toolChoice = foreign<NonNullable<ChatCall['toolChoice']>>({ kind: 'named', name: 'f' }, 'choice', {
      name: 'name',
    })
    const both = write(foreignCall({ tools: [tool, other], toolChoice, mayCallToolsInParallel: false }))
    expect(both).toMatchObject({
      lost: ['tools[1]'],
      body: {
        tools: [{ type: 'function', function: { name: 'f', description: 'd', parameters: closed, strict: true } }],
        tool_choice: { type: 'function', function: { name: 'f' } },
        parallel_tool_calls: false,
      },
    })
    const none = write(foreignCall({ tools: [other], toolChoice, mayCallToolsInParallel: false }))
    expect(none.lost).toEqual(['tools[1]', 'choice'])
    for (const key of ['tools', 'tool_choice', 'parallel_tool_calls']) expect(none.body).not.toHaveProperty(key)
  })

  it.each<[NonNullable<ChatCall['reasoning']>, string | undefined, readonly string[]]>([
    [wish({ effort: 'low' }), 'low', []],
    [wish({ mode: 'on', budgetTokens: 1024 }), 'low', ['~budget', '~mode']],
    [wish({ mode: 'on', budgetTokens: 20_000 }), 'high', ['~budget', '~mode']],
    [wish({ mode: 'adaptive', effort: 'max' }), 'max', ['~mode']],
    [wish({ mode: 'adaptive' }), undefined, ['~mode']],
    [wish({ mode: 'off' }), undefined, ['mode']],
    [wish({ effort: 'none', mode: 'off' }), 'none', []],
    [wish({ effort: 'huge', display: 'omitted' }), undefined, ['effort', 'display']],
  ])('how much to think is an effort: %j', (reasoning, effort, lost) => {
    const written = write(foreignCall({ reasoning }))
    expect(written.body['reasoning_effort']).toBe(effort)
    expect(written.lost).toEqual(lost)
  })

  it('the form of the answer, which must have a name', () => {
    const outputFormat = foreign<NonNullable<ChatCall['outputFormat']>>(
      { kind: 'json-schema', name: undefined, description: undefined, schema: { type: 'object' }, isStrict: undefined },
      'format',
      { schema: 'schema' },
    )
    expect(write(foreignCall({ outputFormat })).body['response_format']).toEqual({
      type: 'json_schema',
      json_schema: { name: 'answer', schema: { type: 'object' } },
    })
  })
})

describe('writing a call of this dialect that was edited', () => {
  const body: JsonObject = {
    model: 'm',
    max_tokens: 9,
    max_completion_tokens: 8,
    stop: 'END',
    stream_options: { include_obfuscation: false },
    reasoning: { effort: 'high', x: 1 },
    user: 'u',
    x: { y: [1.5, null] },
    messages: [
      { role: 'system', content: 'Be kind.', cache_control: { type: 'ephemeral' }, x: 1 },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Hi', x: 2 },
          { type: 'video_url', video_url: {} },
        ],
      },
      {
        role: 'assistant',
        content: null,
        reasoning: 'Hm.',
        reasoning_details: [{ type: 'reasoning.text', text: 'Hm.', signature: 's', format: 'f', x: 3 }],
        tool_calls: [{ id: 'a', type: 'function', index: 0, function: { name: 'f', arguments: '', x: 4 } }],
      },
      { role: 'tool', tool_call_id: 'a', content: 'gone', x: 5 },
    ],
  }
  const call = readChat(body)
  const again = (change: Partial<ChatCall>) => write(edit(call, change))
  const withBlock = (at: number, change: (block: Block) => Block) =>
    again({
      messages: call.messages.map((message, index) =>
        index === at ? edit(message, { blocks: message.blocks.map((one) => change(one)) }) : message,
      ),
    }).body['messages']
  const messages = (at: number, changed: JsonObject) => {
    const list = Array.isArray(body['messages']) ? body['messages'] : []
    return list.map((one: JsonObject, index) => (index === at ? { ...one, ...changed } : one))
  }

  it('differs in the edited field only', () => {
    expect(again({ modelName: 'n' })).toEqual({ lost: [], body: { ...body, model: 'n' } })
    expect(again({ wantsStreamUsage: true }).body).toEqual({
      ...body,
      stream_options: { include_obfuscation: false, include_usage: true },
    })
    expect(again({ temperature: 1 }).body).toEqual({ ...body, temperature: 1 })
    expect(again({ endUser: undefined }).body).toEqual(
      Object.fromEntries(Object.entries(body).filter(([key]) => key !== 'user')),
    )
    expect(again({ stopSequences: ['A', 'B'] }).body).toEqual({ ...body, stop: ['A', 'B'] })
  })

  it('a cap in two spellings is changed in both, and the spelling of a wish is kept', () => {
    expect(again({ outputCapTokens: 3 }).body).toEqual({ ...body, max_tokens: 3, max_completion_tokens: 3 })
    const { reasoning } = call
    if (!reasoning) throw new Error('there is a wish to think')
    expect(again({ reasoning: edit(reasoning, { effort: 'low' }) }).body).toEqual({
      ...body,
      reasoning: { effort: 'low', x: 1 },
    })
  })

  it('an edited text stays the string or the part it was', () => {
    const masked = (block: Block) => (block.kind === 'text' ? edit(block, { text: '***' }) : block)
    expect(withBlock(0, masked)).toEqual(messages(0, { content: '***' }))
    const parts = [
      { type: 'text', text: '***', x: 2 },
      { type: 'video_url', video_url: {} },
    ]
    expect(withBlock(1, masked)).toEqual(messages(1, { content: parts }))
  })

  it('an edited thought is masked in every spelling of it', () => {
    const masked = (block: Block) => (block.kind === 'thought' ? edit(block, { text: '***' }) : block)
    expect(withBlock(2, masked)).toEqual(
      messages(2, {
        reasoning: '***',
        reasoning_details: [{ type: 'reasoning.text', text: '***', signature: 's', format: 'f', x: 3 }],
      }),
    )
  })

  it('edited arguments and results keep what is around them, also when edited twice', () => {
    const argued = (block: Block) =>
      block.kind === 'tool-use' ? edit(edit(block, { argumentsText: '[]' }), { argumentsText: '{"a":1}' }) : block
    expect(withBlock(2, argued)).toEqual(
      messages(2, {
        tool_calls: [{ id: 'a', type: 'function', index: 0, function: { name: 'f', arguments: '{"a":1}', x: 4 } }],
      }),
    )
    const answered = (block: Block) =>
      block.kind === 'tool-result'
        ? edit(block, { blocks: block.blocks.map((one) => (one.kind === 'text' ? edit(one, { text: '***' }) : one)) })
        : block
    expect(withBlock(3, answered)).toEqual(messages(3, { content: '***' }))
  })

  it('an edit that is undone leaves no trace', () => {
    expect(write(edit(edit(call, { modelName: 'n' }), { modelName: 'm' })).body).toEqual(body)
  })

  it('blocks of another dialect, put into a turn, are worded anew', () => {
    const [, second] = call.messages
    if (!second) throw new Error('there is a second turn')
    const blocks = [...second.blocks, media('image', { kind: 'url', url: 'https://example.com/a.png' })]
    const written = again({ messages: [edit(second, { blocks })] })
    expect(written.body['messages']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Hi', x: 2 },
          { type: 'video_url', video_url: {} },
          { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
        ],
      },
    ])
  })
})

function wish(members: Partial<NonNullable<ChatCall['reasoning']>>): NonNullable<ChatCall['reasoning']> {
  const heard = { mode: 'mode', effort: 'effort', budgetTokens: 'budget', display: 'display' }
  return foreign(
    { mode: undefined, effort: undefined, budgetTokens: undefined, display: undefined, ...members },
    '',
    heard,
  )
}

const noReasoning = { mode: undefined, effort: undefined, budgetTokens: undefined, display: undefined } as const
