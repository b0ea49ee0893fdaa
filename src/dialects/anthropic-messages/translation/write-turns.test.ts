import { describe, expect, it } from 'vitest'
import type { ChatCall, ToolChoice } from '../../../canonical/chat.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { medium, said, text, thought, toldIn, toolResult, toolUse, turns } from '../../laws/foreign-words.ts'
import { translation } from './index.ts'

/** What a call of another dialect becomes (beside `model` and `max_tokens`), and the losses, `~` where approximated. */
interface Case {
  readonly name: string
  readonly call: Partial<ChatCall>
  readonly body: JsonObject
  readonly losses?: readonly string[]
}

const helloBody = [{ role: 'user', content: [{ type: 'text', text: 'hello' }] }]
const f = said(
  {
    kind: 'function',
    name: 'f',
    description: undefined,
    schema: undefined,
    isStrict: undefined,
    cache: undefined,
  } as const,
  'tools[0]',
)
const fBody = { name: 'f', input_schema: { type: 'object', properties: {} } }
const png = { kind: 'base64', mediaType: 'image/png', base64: 'AAAA' } as const
const cases: readonly Case[] = [
  {
    name: 'words of the system and the developer go up, those from the middle as an approximation',
    call: {
      messages: turns(
        ['system', text('a')],
        ['developer', text('b', { cache: { ttl: '1h' } })],
        ['user', text('hello')],
        ['system', text('c')],
      ),
    },
    body: {
      system: [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b', cache_control: { type: 'ephemeral', ttl: '1h' } },
        { type: 'text', text: 'c' },
      ],
      messages: helloBody,
    },
    losses: ['~messages[3].role'],
  },
  {
    name: 'words of the system alone are told as the user’s',
    call: { messages: turns(['system', text('hello')]) },
    body: { messages: helloBody },
    losses: ['~messages[0].role'],
  },
  {
    name: 'words of the system that end the call after the assistant are told as the user’s',
    call: {
      messages: turns(
        ['system', text('a')],
        ['user', text('hello')],
        ['assistant', text('yes ')],
        ['developer', text('b')],
        ['system', text('c')],
      ),
    },
    body: {
      system: [{ type: 'text', text: 'a' }],
      messages: [
        ...helloBody,
        { role: 'assistant', content: [{ type: 'text', text: 'yes ' }] },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'b' },
            { type: 'text', text: 'c' },
          ],
        },
      ],
    },
    losses: ['~messages[3].role', '~messages[4].role'],
  },
  {
    name: 'they go up where somebody speaks after them, if only the assistant goes on',
    call: {
      messages: turns(
        ['user', text('hello')],
        ['assistant', text('yes')],
        ['system', text('a')],
        ['user', text('')],
        ['assistant', text('so')],
        ['system', text('b')],
        ['user', text('well')],
      ),
    },
    body: {
      system: [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ],
      messages: [
        ...helloBody,
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'yes' },
            { type: 'text', text: 'so' },
          ],
        },
        { role: 'user', content: [{ type: 'text', text: 'well' }] },
      ],
    },
    losses: ['~messages[3].blocks', '~messages[3].role', '~messages[2].role', '~messages[5].role'],
  },
  {
    name: 'last words of the assistant are named where the model refuses to go on with them',
    call: { modelName: 'claude-opus-4-6', messages: turns(['user', text('hello')], ['assistant', text('{')]) },
    body: {
      model: 'claude-opus-4-6',
      messages: [...helloBody, { role: 'assistant', content: [{ type: 'text', text: '{' }] }],
    },
    losses: ['~messages[1].role'],
  },
  {
    name: 'and told like any others where it does go on',
    call: { modelName: 'claude-opus-4-5', messages: turns(['user', text('hello')], ['assistant', text('{')]) },
    body: {
      model: 'claude-opus-4-5',
      messages: [...helloBody, { role: 'assistant', content: [{ type: 'text', text: '{' }] }],
    },
  },
  {
    name: 'turns of one role become one, empty ones go',
    call: {
      messages: turns(['user', text('hello')], ['user', text('')], ['user', text('again')], ['assistant', text('yes')]),
    },
    body: {
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'hello' },
            { type: 'text', text: 'again' },
          ],
        },
        { role: 'assistant', content: [{ type: 'text', text: 'yes' }] },
      ],
    },
    losses: ['~messages[1].blocks', '~messages[1].role'],
  },
  {
    name: 'text of white space only is left out, with its mark',
    call: { messages: turns(['user', text('hello'), text(' \n', { cache: { ttl: undefined } })]) },
    body: { messages: helloBody },
    losses: ['messages[0].blocks[1].text', 'messages[0].blocks[1].cache'],
  },
  {
    name: 'the last words of the assistant end without white space',
    call: { messages: turns(['user', text('hello')], ['assistant', text('The answer is ')]) },
    body: { messages: [...helloBody, { role: 'assistant', content: [{ type: 'text', text: 'The answer is' }] }] },
    losses: ['~messages[1].blocks[0].text'],
  },
  {
    name: 'results in a row become one turn of the user, with the words that follow',
    call: {
      messages: turns(
        ['user', text('hello')],
        ['assistant', toolUse('call_1', 'f', '{"a":1}'), toolUse('call_2', 'f', '')],
        ['tool', toolResult('call_1', [text('one')])],
        ['tool', toolResult('call_2', [text('bad'), medium('image', png)], true)],
        ['user', text('and?')],
      ),
      tools: [f],
    },
    body: {
      messages: [
        ...helloBody,
        {
          role: 'assistant',
          content: [
            { type: 'tool_use', id: 'call_1', name: 'f', input: { a: 1 } },
            { type: 'tool_use', id: 'call_2', name: 'f', input: {} },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'call_1', content: [{ type: 'text', text: 'one' }] },
            {
              type: 'tool_result',
              tool_use_id: 'call_2',
              content: [
                { type: 'text', text: 'bad' },
                { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
              ],
              is_error: true,
            },
            { type: 'text', text: 'and?' },
          ],
        },
      ],
      tools: [fBody],
    },
  },
  {
    name: 'results move to the head of their turn',
    call: {
      messages: turns(['assistant', toolUse('c', 'f')], ['user', text('wait')], ['tool', toolResult('c', [])]),
      tools: [f],
    },
    body: {
      messages: [
        { role: 'assistant', content: [{ type: 'tool_use', id: 'c', name: 'f', input: {} }] },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'c' },
            { type: 'text', text: 'wait' },
          ],
        },
      ],
      tools: [fBody],
    },
    losses: ['~messages[2].blocks'],
  },
  {
    name: 'arguments that are no object travel wrapped',
    call: {
      messages: turns(
        ['user', text('hello')],
        ['assistant', toolUse('c', 'f', '{"a":')],
        ['tool', toolResult('c', [])],
      ),
    },
    body: {
      messages: [
        ...helloBody,
        { role: 'assistant', content: [{ type: 'tool_use', id: 'c', name: 'f', input: { INVALID_JSON: '{"a":' } }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c' }] },
      ],
    },
    losses: ['~messages[1].blocks[0].argumentsText'],
  },
  {
    name: 'names and ids get legal characters, the same ones everywhere',
    call: {
      messages: turns(['user', text('hello')], ['assistant', toolUse('f:0', 'a.b')], ['tool', toolResult('f:0', [])]),
      tools: [said({ ...f, name: 'a.b' }, 'tools[0]')],
      toolChoice: said<ToolChoice>({ kind: 'named', name: 'a.b' }, 'toolChoice'),
    },
    body: {
      messages: [
        ...helloBody,
        { role: 'assistant', content: [{ type: 'tool_use', id: 'f_0_7c26090b', name: 'a_0x2e_b', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'f_0_7c26090b' }] },
      ],
      tools: [{ ...fBody, name: 'a_0x2e_b' }],
      tool_choice: { type: 'tool', name: 'a_0x2e_b' },
    },
    losses: [
      '~messages[1].blocks[0].id',
      '~messages[1].blocks[0].name',
      '~messages[2].blocks[0].toolUseId',
      '~tools[0].name',
      '~toolChoice',
    ],
  },
  {
    name: 'signed thoughts go back, others are lost',
    call: {
      messages: turns(
        ['user', text('hello')],
        [
          'assistant',
          thought('hm', 'sig'),
          thought('', 'sig of nothing shown'),
          thought('', undefined, { redactedData: 'enc' }),
          thought('unsigned'),
          thought('', undefined, { redactedData: 'other', signatureFormat: 'openai-responses-v1' }),
          text('yes'),
        ],
      ),
    },
    body: {
      messages: [
        ...helloBody,
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'hm', signature: 'sig' },
            { type: 'thinking', thinking: '', signature: 'sig of nothing shown' },
            { type: 'redacted_thinking', data: 'enc' },
            { type: 'text', text: 'yes' },
          ],
        },
      ],
    },
    losses: ['messages[1].blocks[3]', 'messages[1].blocks[4]'],
  },
  {
    name: 'a refusal is told as text',
    call: { messages: turns(['user', text('hello')], ['assistant', { kind: 'refusal', text: 'no' }]) },
    body: { messages: [...helloBody, { role: 'assistant', content: [{ type: 'text', text: 'no' }] }] },
    losses: ['~messages[1].blocks[0].text'],
  },
  {
    name: 'images by their bytes and their address',
    call: {
      messages: turns([
        'user',
        medium('image', { ...png, mediaType: 'image/jpg' }, { detail: 'auto' }),
        medium('image', { kind: 'url', url: 'https://a/b.png' }, { detail: 'high' }),
        medium('image', { kind: 'url', url: 'https://a/b.pdf?x' }),
        medium('image', { ...png, mediaType: 'image/svg+xml' }),
        medium('image', { kind: 'file', fileId: 'file-1' }),
        medium('audio', { ...png, mediaType: 'audio/wav' }),
      ]),
    },
    body: {
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image', source: { type: 'base64', media_type: 'image/jpeg', data: 'AAAA' } },
            { type: 'image', source: { type: 'url', url: 'https://a/b.png' } },
            { type: 'document', source: { type: 'url', url: 'https://a/b.pdf?x' } },
          ],
        },
      ],
    },
    losses: ['messages[0].blocks[1].detail', 'messages[0].blocks[3]', 'messages[0].blocks[4]', 'messages[0].blocks[5]'],
  },
  {
    name: 'documents with all that is said of them',
    call: {
      messages: turns([
        'user',
        medium('document', { kind: 'base64', mediaType: 'application/pdf', base64: 'JVBE' }, { fileName: 'a.pdf' }),
        medium(
          'document',
          { kind: 'base64', mediaType: 'text/plain', base64: 'R3LDvMOfZQ==' },
          { title: 't', note: 'n', wantsCitations: true, cache: { ttl: '5m' } },
        ),
        medium('document', { kind: 'text', mediaType: 'text/markdown', text: '# a' }, { title: 't', fileName: 'a.md' }),
        medium('document', { kind: 'blocks', blocks: [text('piece'), medium('image', png)] }),
      ]),
    },
    body: {
      messages: [
        {
          role: 'user',
          content: [
            {
              type: 'document',
              source: { type: 'base64', media_type: 'application/pdf', data: 'JVBE' },
              title: 'a.pdf',
            },
            {
              type: 'document',
              source: { type: 'text', media_type: 'text/plain', data: 'Grüße' },
              title: 't',
              context: 'n',
              citations: { enabled: true },
              cache_control: { type: 'ephemeral', ttl: '5m' },
            },
            { type: 'document', source: { type: 'text', media_type: 'text/plain', data: '# a' }, title: 't' },
            {
              type: 'document',
              source: {
                type: 'content',
                content: [
                  { type: 'text', text: 'piece' },
                  { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
                ],
              },
            },
          ],
        },
      ],
    },
    losses: ['~messages[0].blocks[2].source', 'messages[0].blocks[2].fileName'],
  },
  {
    name: 'what a search gave, in a turn and in the result of a tool',
    call: {
      messages: turns([
        'user',
        toolResult('t', [
          medium('document', { kind: 'blocks', blocks: [text('a')] }, { title: 'A', foundAt: 'notes' }),
        ]),
        medium(
          'document',
          { kind: 'blocks', blocks: [text('b'), text('c')] },
          { title: 'B', foundAt: 'https://b', wantsCitations: true, cache: { ttl: '5m' } },
        ),
      ]),
    },
    body: {
      messages: [
        {
          role: 'user',
          content: [
            {
              type: 'tool_result',
              tool_use_id: 't',
              content: [{ type: 'search_result', source: 'notes', title: 'A', content: [{ type: 'text', text: 'a' }] }],
            },
            {
              type: 'search_result',
              source: 'https://b',
              title: 'B',
              content: [
                { type: 'text', text: 'b' },
                { type: 'text', text: 'c' },
              ],
              citations: { enabled: true },
              cache_control: { type: 'ephemeral', ttl: '5m' },
            },
          ],
        },
      ],
    },
  },
  {
    name: 'what has no place in a turn is lost by name',
    call: {
      messages: turns(
        ['system', medium('image', png), text('a')],
        ['user', thought('hm', 's'), toolUse('c', 'f'), text('hello')],
        ['assistant', medium('image', png), toolResult('c', []), { kind: 'opaque', type: 'video' }, text('yes')],
      ),
    },
    body: {
      system: [{ type: 'text', text: 'a' }],
      messages: [...helloBody, { role: 'assistant', content: [{ type: 'text', text: 'yes' }] }],
    },
    losses: [
      'messages[0].blocks[0]',
      'messages[1].blocks[0]',
      'messages[1].blocks[1]',
      'messages[2].blocks[0]',
      'messages[2].blocks[1]',
      'messages[2].blocks[2]',
    ],
  },
]

describe('the turns of a call of another dialect', () => {
  it.each(cases)('$name', ({ call, body, losses = [] }) => {
    expect(toldIn(translation, call)).toEqual({ body: { model: 'm', max_tokens: 4096, ...body }, losses })
  })
})
