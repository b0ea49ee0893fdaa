import { describe, expect, it } from 'vitest'
import type { ChatCall, OutputFormat, Reasoning, Tool, ToolChoice } from '../../../canonical/chat.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { Losses } from '../../../canonical/loss.ts'
import { edit } from '../../../canonical/origin.ts'
import { medium, said, text, thought, toldIn, toolResult, toolUse, turns } from '../../laws/foreign-words.ts'
import { translation } from './index.ts'

const hello = turns(['user', text('Hi')])
const messages = [{ role: 'user', content: 'Hi' }]
const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] }

interface Case {
  readonly name: string
  readonly call: Partial<ChatCall>
  readonly body: JsonObject
  readonly losses?: readonly string[]
}

const cases: readonly Case[] = [
  {
    name: 'words of the system come first, as one turn',
    call: {
      messages: turns(['system', text('Be brief.')], ['user', text('Hi')], ['developer', text('Be kind.')]),
    },
    body: {
      messages: [
        {
          role: 'system',
          content: [
            { type: 'text', text: 'Be brief.' },
            { type: 'text', text: 'Be kind.' },
          ],
        },
        { role: 'user', content: 'Hi' },
      ],
    },
    losses: ['~messages[2].role'],
  },
  {
    name: 'words of the system are the user’s where nobody else says anything',
    call: { messages: turns(['system', text('Hi')]) },
    body: { messages },
    losses: ['~messages[0].role'],
  },
  {
    name: 'what was said before a call is the plan for it, and each result is a message',
    call: {
      messages: turns(
        ['user', text('Hi')],
        ['assistant', text('I look.'), toolUse('c1', 'f'), toolUse('c2', 'g', '{"a":1}')],
        ['user', toolResult('c1', [text('one')]), toolResult('c2', [{ kind: 'json', value: { b: 2 } }]), text('And?')],
      ),
    },
    body: {
      messages: [
        { role: 'user', content: 'Hi' },
        {
          role: 'assistant',
          tool_plan: 'I look.',
          tool_calls: [
            { id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } },
            { id: 'c2', type: 'function', function: { name: 'g', arguments: '{"a":1}' } },
          ],
        },
        { role: 'tool', tool_call_id: 'c1', content: 'one' },
        { role: 'tool', tool_call_id: 'c2', content: [{ type: 'document', document: { data: { b: 2 } } }] },
        { role: 'user', content: 'And?' },
      ],
    },
  },
  {
    name: 'thoughts that nobody signed are handed back, others are not',
    call: {
      messages: turns(
        ['user', text('Hi')],
        ['assistant', thought('Hm.'), thought('Mine.', 'c2ln'), text('Yes.')],
        ['user', text('Sure?')],
      ),
    },
    body: {
      messages: [
        { role: 'user', content: 'Hi' },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Hm.' },
            { type: 'text', text: 'Yes.' },
          ],
        },
        { role: 'user', content: 'Sure?' },
      ],
    },
    losses: ['messages[1].blocks[1]'],
  },
  {
    name: 'documents that are text stand beside the messages, others are lost',
    call: {
      messages: turns([
        'user',
        medium(
          'document',
          { kind: 'text', mediaType: 'text/plain', text: 'Pike.' },
          { title: 'Fish', note: 'Of 2026.' },
        ),
        medium('document', { kind: 'text', mediaType: 'application/json', text: '{"a":[1]}' }),
        medium('document', { kind: 'base64', mediaType: 'text/markdown', base64: 'IyBFZWw=' }),
        medium('document', { kind: 'base64', mediaType: 'application/pdf', base64: 'JVBERi0xLjQK' }),
        medium('image', { kind: 'url', url: 'https://example.com/a.png' }, { detail: 'high' }),
        medium('audio', { kind: 'base64', mediaType: 'audio/wav', base64: 'UklGRg==' }),
      ]),
    },
    body: {
      messages: [
        {
          role: 'user',
          content: [{ type: 'image_url', image_url: { url: 'https://example.com/a.png', detail: 'high' } }],
        },
      ],
      documents: [
        { data: { title: 'Fish', note: 'Of 2026.', text: 'Pike.' } },
        { data: { a: [1] } },
        { data: { text: '# Eel' } },
      ],
    },
    losses: [
      '~messages[0].blocks[0].source',
      '~messages[0].blocks[1].source',
      '~messages[0].blocks[2].source',
      'messages[0].blocks[3]',
      'messages[0].blocks[5]',
    ],
  },
  {
    name: 'documents are the question where there is no other, and what is said after a call is told before it',
    call: {
      messages: turns(
        ['user', medium('document', { kind: 'text', mediaType: 'text/plain', text: 'Pike?' })],
        ['assistant', toolUse('c1', 'f'), text('Wait.')],
        ['user', toolResult('c1', [])],
      ),
    },
    body: {
      messages: [
        { role: 'user', content: 'Pike?' },
        {
          role: 'assistant',
          tool_plan: 'Wait.',
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'c1', content: '' },
      ],
    },
    losses: ['~messages[0].blocks[0].source', '~messages[1].blocks'],
  },
  {
    name: 'numbers are told within the bounds, and one of the two penalties',
    call: {
      messages: hello,
      temperature: 1.5,
      topP: 1,
      topK: 1000,
      frequencyPenalty: 1.5,
      presencePenalty: 0.5,
      stopSequences: ['a', 'b', 'c', 'd', 'e', 'f'],
      seed: 7,
      outputCapTokens: 50,
    },
    body: {
      messages,
      max_tokens: 50,
      stop_sequences: ['a', 'b', 'c', 'd', 'e'],
      temperature: 1,
      p: 0.99,
      k: 500,
      seed: 7,
      frequency_penalty: 1,
    },
    losses: ['~frequencyPenalty', 'presencePenalty', '~stopSequences', '~temperature', '~topK', '~topP'],
  },
  {
    name: 'of two penalties one that is none gives way to the other',
    call: { messages: hello, frequencyPenalty: 0, presencePenalty: 0.5 },
    body: { messages, presence_penalty: 0.5 },
  },
  {
    name: 'tools are strict together or not at all, and a named choice is any',
    call: {
      messages: hello,
      tools: [tool(0, 'f', schema, true), tool(1, 'g', undefined, undefined)],
      toolChoice: said<ToolChoice>({ kind: 'named', name: 'g' }, 'toolChoice'),
      mayCallToolsInParallel: false,
    },
    body: {
      messages,
      tools: [
        { type: 'function', function: { name: 'f', description: 'Does f.', parameters: schema } },
        {
          type: 'function',
          function: { name: 'g', description: 'Does g.', parameters: { type: 'object', properties: {} } },
        },
      ],
      tool_choice: 'REQUIRED',
    },
    losses: ['mayCallToolsInParallel', '~toolChoice', '~tools[0].isStrict'],
  },
  {
    name: 'tools that are all strict, and may all be enforced',
    call: {
      messages: hello,
      tools: [tool(0, 'f', schema, true)],
      toolChoice: said<ToolChoice>({ kind: 'none' }, 'toolChoice'),
    },
    body: {
      messages,
      tools: [{ type: 'function', function: { name: 'f', description: 'Does f.', parameters: schema } }],
      strict_tools: true,
      tool_choice: 'NONE',
    },
  },
  {
    name: 'a schema for the answer',
    call: {
      messages: hello,
      outputFormat: said<OutputFormat>(
        { kind: 'json-schema', name: 'gone', description: undefined, schema, isStrict: true },
        'format',
      ),
    },
    body: { messages, response_format: { type: 'json_object', json_schema: { title: 'gone', ...schema } } },
  },
  {
    name: 'no schema beside tools',
    call: {
      messages: hello,
      tools: [tool(0, 'f', schema, undefined)],
      outputFormat: said<OutputFormat>({ kind: 'json-object' }, 'format'),
    },
    body: {
      messages,
      tools: [{ type: 'function', function: { name: 'f', description: 'Does f.', parameters: schema } }],
    },
    losses: ['outputFormat'],
  },
]

function tool(place: number, name: string, parameters: JsonObject | undefined, isStrict: boolean | undefined): Tool {
  const description = `Does ${name}.`
  return said<Tool>(
    { kind: 'function', name, description, schema: parameters, isStrict, cache: undefined },
    `tools[${place}]`,
  )
}

describe('a call of another dialect, told to Cohere', () => {
  it.each(cases)('$name', ({ call, body, losses = [] }) => {
    const told = toldIn(translation, call)
    expect(told.body).toEqual({ model: 'm', ...body })
    expect(told.losses.toSorted()).toEqual(losses.toSorted())
  })

  it.each<[string, Partial<Reasoning>, JsonObject | undefined, readonly string[]]>([
    ['command-a-reasoning-08-2025', { mode: 'on', budgetTokens: 500 }, { type: 'enabled', token_budget: 500 }, []],
    ['command-a-reasoning-08-2025', { effort: 'low' }, { type: 'enabled', token_budget: 2048 }, ['~thinking.effort']],
    ['command-a-reasoning-08-2025', { effort: 'high' }, { type: 'enabled' }, ['~thinking.effort']],
    ['command-a-reasoning-08-2025', { mode: 'adaptive' }, { type: 'enabled' }, ['~thinking.mode']],
    ['command-a-reasoning-08-2025', { effort: 'none' }, { type: 'disabled' }, []],
    ['command-a-reasoning-08-2025', { mode: 'off', effort: 'high' }, { type: 'disabled' }, ['thinking.effort']],
    ['command-a-plus-05-2026', { mode: 'off' }, { type: 'disabled' }, []],
    ['command-a-03-2025', { effort: 'low' }, undefined, ['thinking.effort']],
    ['command-r7b-12-2024', { mode: 'off' }, undefined, []],
    ['command-a-reasoning-08-2025', { display: 'omitted' }, undefined, ['thinking.display']],
  ])('%s: a wish to think, %j, is %j', (modelName, wish, thinking, losses) => {
    const nothing = { mode: undefined, effort: undefined, budgetTokens: undefined, display: undefined }
    const reasoning = said<Reasoning>({ ...nothing, ...wish }, 'thinking')
    const told = toldIn(translation, { modelName, messages: hello, reasoning })
    expect(told.body['thinking']).toEqual(thinking)
    expect(told.losses).toEqual(losses)
  })
})

describe('a call of Cohere’s own, edited', () => {
  const body = {
    model: 'm',
    messages: [
      { role: 'user', content: 'Who?' },
      {
        role: 'assistant',
        tool_plan: 'I look.',
        tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
    ],
    documents: ['Pike.', { id: 'd1', data: { snippet: 'Eel.' } }],
    strict_tools: false,
  }

  it('changes a plan and a document where they stand', () => {
    const call = translation.readChat(body)
    const changed = edit(call, {
      messages: call.messages.map((message) =>
        edit(message, {
          blocks: message.blocks.map((block) => {
            if (block.kind === 'text' && block.text === 'I look.') return edit(block, { text: 'I guess.' })
            if (block.kind !== 'document' || block.source.kind !== 'text') return block
            return edit(block, { source: { ...block.source, text: block.source.text.toUpperCase() } })
          }),
        }),
      ),
    })
    const losses = new Losses()
    expect(translation.writeChat(changed, losses, { defaultOutputCapTokens: 1 })).toEqual({
      ...body,
      messages: [body.messages[0], { ...body.messages[1], tool_plan: 'I guess.' }],
      documents: ['PIKE.', { id: 'd1', data: { snippet: 'EEL.' } }],
    })
    expect(losses.list()).toEqual([])
  })

  it('reads its documents as a turn of the user’s before the last one', () => {
    expect(translation.readChat(body).messages.map(({ role, blocks }) => [role, blocks[0]?.kind])).toEqual([
      ['user', 'document'],
      ['user', 'text'],
      ['assistant', 'text'],
    ])
  })
})
