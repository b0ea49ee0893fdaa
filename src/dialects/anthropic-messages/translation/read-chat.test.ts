import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../canonical/json.ts'
import type { GatewayError } from '../../../canonical/error.ts'
import { Losses } from '../../../canonical/loss.ts'
import { edit, originOf } from '../../../canonical/origin.ts'
import { translation } from './index.ts'

const { readChat, writeChat } = translation
const settings = { defaultOutputCapTokens: 4096 }
const user = (...content: readonly JsonObject[]): JsonObject => ({
  model: 'm',
  max_tokens: 9,
  messages: [{ role: 'user', content }],
})
const blockOf = (block: JsonObject) => readChat(user(block)).messages[0]?.blocks[0]
const noMark = { cache: undefined }

describe('reading a call', () => {
  it.each<readonly [string, JsonObject, object]>([
    [
      'text',
      { type: 'text', text: 'a', cache_control: { type: 'ephemeral', ttl: '1h' } },
      { kind: 'text', text: 'a', citations: undefined, cache: { ttl: '1h' } },
    ],
    [
      'cited text',
      { type: 'text', text: 'a', citations: [{ type: 'char_location' }] },
      { kind: 'text', text: 'a', citations: [{ type: 'char_location' }], ...noMark },
    ],
    [
      'an image',
      { type: 'image', source: { type: 'file', file_id: 'f' } },
      { kind: 'image', source: { kind: 'file', fileId: 'f' } },
    ],
    [
      'a document',
      {
        type: 'document',
        title: 't',
        context: 'c',
        citations: { enabled: true },
        source: { type: 'text', media_type: 'text/plain', data: 'd' },
      },
      {
        kind: 'document',
        title: 't',
        note: 'c',
        wantsCitations: true,
        source: { kind: 'text', mediaType: 'text/plain', text: 'd' },
      },
    ],
    [
      'a document in pieces',
      { type: 'document', source: { type: 'content', content: [{ type: 'text', text: 'p' }] } },
      {
        kind: 'document',
        source: { kind: 'blocks', blocks: [{ kind: 'text', text: 'p', citations: undefined, ...noMark }] },
      },
    ],
    [
      'a thought',
      { type: 'thinking', thinking: 'hm', signature: 's' },
      { kind: 'thought', text: 'hm', signature: 's', signatureFormat: 'anthropic-claude-v1' },
    ],
    [
      'a thought that was shown to nobody',
      { type: 'redacted_thinking', data: 'enc' },
      { kind: 'thought', text: '', redactedData: 'enc' },
    ],
    [
      'a use of a tool',
      { type: 'tool_use', id: 'i', name: 'n', input: {} },
      { kind: 'tool-use', id: 'i', name: 'n', argumentsText: '{}' },
    ],
    [
      'a result in a string',
      { type: 'tool_result', tool_use_id: 'i', content: 'r', is_error: true },
      {
        kind: 'tool-result',
        toolUseId: 'i',
        isError: true,
        blocks: [{ kind: 'text', text: 'r', citations: undefined, ...noMark }],
      },
    ],
    [
      'a result without content',
      { type: 'tool_result', tool_use_id: 'i' },
      { kind: 'tool-result', blocks: [], isError: undefined },
    ],
    [
      'a block that nobody else has',
      { type: 'server_tool_use', id: 'i', name: 'web_search', input: {} },
      { kind: 'opaque', type: 'server_tool_use' },
    ],
    ['a known block in an unknown shape', { type: 'text', text: 7 }, { kind: 'opaque', type: 'text' }],
    [
      'an image from an unknown source',
      { type: 'image', source: { type: 'hologram' } },
      { kind: 'opaque', type: 'image' },
    ],
  ])('finds %s', (_name, wire, block) => {
    expect(blockOf(wire)).toMatchObject(block)
  })

  it('keeps turns of the system where they stood', () => {
    const call = readChat({
      model: 'm',
      system: 'be brief',
      messages: [
        { role: 'user', content: 'a' },
        { role: 'system', content: [{ type: 'tool_addition' }] },
      ],
    })
    expect(call.messages.map(({ role, blocks }) => [role, blocks[0]?.kind])).toEqual([
      ['system', 'text'],
      ['user', 'text'],
      ['system', 'opaque'],
    ])
  })

  it('reads settings, tools and choices', () => {
    expect(
      readChat({
        ...user({ type: 'text', text: 'a' }),
        stream: true,
        temperature: 0.5,
        top_p: 0.9,
        top_k: 3,
        stop_sequences: ['x'],
        metadata: { user_id: 'u' },
        service_tier: 'auto',
        cache_control: { type: 'ephemeral' },
        thinking: { type: 'adaptive', display: 'omitted' },
        output_config: { effort: 'low', format: { type: 'json_schema', schema: { type: 'object' } } },
        tools: [
          { name: 'f', input_schema: {}, strict: true },
          { type: 'web_search_20260318', name: 'web_search' },
        ],
        tool_choice: { type: 'tool', name: 'f', disable_parallel_tool_use: true },
      }),
    ).toMatchObject({
      isStream: true,
      outputCapTokens: 9,
      temperature: 0.5,
      topP: 0.9,
      topK: 3,
      stopSequences: ['x'],
      endUser: 'u',
      serviceTier: 'auto',
      cache: { ttl: undefined },
      reasoning: { mode: 'adaptive', display: 'omitted', effort: 'low', budgetTokens: undefined },
      outputFormat: { kind: 'json-schema', schema: { type: 'object' } },
      tools: [
        { kind: 'function', name: 'f', isStrict: true },
        { kind: 'opaque', type: 'web_search_20260318' },
      ],
      toolChoice: { kind: 'named', name: 'f' },
      mayCallToolsInParallel: false,
    })
  })

  it('names what it did not understand, each in its node', () => {
    const call = readChat({
      model: 'm',
      messages: [
        {
          role: 'user',
          mood: 'x',
          content: [{ type: 'text', text: 'a', cache_control: { type: 'ephemeral', ttl: '9d' } }],
        },
      ],
      container: 'c',
      temperature: 'hot',
      metadata: { user_id: 'u', session: 's' },
      output_config: { effort: 'low', task_budget: {} },
      thinking: { type: 'between_tools' },
      tool_choice: { type: 'auto', why: 'x' },
      stop_sequences: null,
    })
    const unheard = [call, call.messages[0], call.messages[0]?.blocks[0], call.reasoning, call.toolChoice].map(
      (node) => node && originOf(node)?.unheard,
    )
    expect(unheard).toEqual([
      ['container', 'temperature', 'metadata.session', 'output_config.task_budget'],
      ['mood'],
      ['cache_control.ttl'],
      ['thinking.type'],
      ['why'],
    ])
  })

  it.each<readonly [string, unknown]>([
    ['messages[0]', ['hello']],
    ['messages[0].role', [{ role: 'tool', content: 'a' }]],
    ['messages[0].content', [{ role: 'user', content: 7 }]],
    ['messages', 'hello'],
  ])('refuses %s when its shape makes reading impossible', (param, messages) => {
    const body: JsonObject = JSON.parse(JSON.stringify({ model: 'm', messages }))
    expect(() => readChat(body)).toThrow(
      expect.objectContaining({ kind: 'invalid_request', param } satisfies Partial<GatewayError>),
    )
  })
})

describe('an edit of a call of our own', () => {
  const body: JsonObject = {
    model: 'm',
    max_tokens: 3000,
    system: 'secret words',
    messages: [
      { role: 'user', content: 'secret', x: 1 },
      {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: 'i', content: [{ type: 'text', text: 'secret', x: 2 }], x: 3 }],
      },
    ],
    output_config: { effort: 'low', x: 4, format: { type: 'json_schema', schema: { type: 'object' }, x: 5 } },
    thinking: { type: 'enabled', budget_tokens: 2000 },
    metadata: { user_id: 'u', x: 6 },
    tool_choice: { type: 'auto', x: 7 },
    tools: [],
  }
  const written = (
    change: (call: ReturnType<typeof readChat>) => Parameters<typeof edit<ReturnType<typeof readChat>>>[1],
  ) => {
    const call = readChat(body)
    const losses = new Losses()
    const told = writeChat(edit(call, change(call)), losses, settings)
    expect(losses.list()).toEqual([])
    return told
  }

  it('of the system prompt keeps it a string', () => {
    const told = written(({ messages }) => ({
      messages: messages.map((message) =>
        edit(message, {
          blocks: message.blocks.map((block) => (block.kind === 'text' ? edit(block, { text: '***' }) : block)),
        }),
      ),
    }))
    expect(told).toEqual({
      ...body,
      system: '***',
      messages: [{ role: 'user', content: '***', x: 1 }, (body['messages'] as readonly JsonObject[])[1]],
    })
  })

  it('of a nested field leaves its neighbours', () => {
    expect(written(() => ({ endUser: 'v', mayCallToolsInParallel: false, outputCapTokens: 2500 }))).toEqual({
      ...body,
      max_tokens: 2500,
      metadata: { user_id: 'v', x: 6 },
      tool_choice: { type: 'auto', x: 7, disable_parallel_tool_use: true },
    })
  })

  it('that lowers the output cap below the budget lowers the budget too', () => {
    expect(written(() => ({ outputCapTokens: 1500 }))).toEqual({
      ...body,
      max_tokens: 1500,
      thinking: { type: 'enabled', budget_tokens: 1499 },
    })
  })

  it('that takes a format away leaves the effort', () => {
    expect(written(() => ({ outputFormat: undefined }))['output_config']).toEqual({ effort: 'low', x: 4 })
  })

  it('that puts a turn in leaves the others word for word', () => {
    const system = {
      role: 'system',
      name: undefined,
      blocks: [{ kind: 'text', text: 'be kind', citations: undefined, ...noMark }],
    } as const
    const told = written(({ messages }) => ({ messages: [system, ...messages] }))
    expect(told).toEqual({
      ...body,
      system: [
        { type: 'text', text: 'be kind' },
        { type: 'text', text: 'secret words' },
      ],
    })
  })
})
