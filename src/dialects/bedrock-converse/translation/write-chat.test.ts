import { describe, expect, it } from 'vitest'
import type { ChatCall, Tool } from '../../../canonical/chat.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import {
  foreignCall,
  medium,
  said,
  text,
  thought,
  toldIn,
  toolResult,
  toolUse,
  turns,
} from '../../laws/foreign-words.ts'
import { translation } from './index.ts'

const claude = 'us.anthropic.claude-sonnet-4-6'
const told = (words: Partial<ChatCall>) => toldIn(translation, { messages: turns(['user', text('Hi')]), ...words })
const tool = (name: string, more: Partial<Tool & { kind: 'function' }> = {}): Tool =>
  said<Tool>(
    {
      kind: 'function',
      name,
      description: undefined,
      schema: undefined,
      isStrict: undefined,
      cache: undefined,
      ...more,
    },
    'tools[0]',
  )
const additional = ({ body }: { body: JsonObject }) => body['additionalModelRequestFields']

describe('a call of another dialect, told to Bedrock', () => {
  it('has its turns as Bedrock demands them', () => {
    const { body, losses } = told({
      messages: turns(
        ['system', text('Be brief.', { cache: { ttl: '1h' } })],
        ['user', text('Weather?')],
        ['user', text(' ')],
        ['assistant', toolUse('t1', 'weather', '{"city":"Bonn"}')],
        ['tool', toolResult('t1', [text('12'), { kind: 'json', value: { degrees: 12 } }, { kind: 'json', value: 12 }])],
        ['user', text('Well?', { cache: { ttl: undefined } })],
      ),
      tools: [tool('weather')],
    })
    expect(body['system']).toEqual([{ text: 'Be brief.' }, { cachePoint: { type: 'default', ttl: '1h' } }])
    expect(body['messages']).toEqual([
      { role: 'user', content: [{ text: 'Weather?' }] },
      { role: 'assistant', content: [{ toolUse: { toolUseId: 't1', name: 'weather', input: { city: 'Bonn' } } }] },
      {
        role: 'user',
        content: [
          { toolResult: { toolUseId: 't1', content: [{ text: '12' }, { json: { degrees: 12 } }, { text: '12' }] } },
          { text: 'Well?' },
          { cachePoint: { type: 'default' } },
        ],
      },
    ])
    expect(losses).toContain('messages[2].blocks[0].text')
  })

  it('ends with words of the system as the user’s where they follow the assistant', () => {
    const { body, losses } = told({
      messages: turns(['user', text('Hi')], ['assistant', text('Hello.')], ['developer', text('Sum up.')]),
    })
    expect(body['system']).toBeUndefined()
    expect(body['messages']).toEqual([
      { role: 'user', content: [{ text: 'Hi' }] },
      { role: 'assistant', content: [{ text: 'Hello.' }] },
      { role: 'user', content: [{ text: 'Sum up.' }] },
    ])
    expect(losses).toEqual(['~messages[2].role'])
  })

  it.each([
    ['us.anthropic.claude-opus-4-6-v1', ['~messages[1].role']],
    ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', []],
    ['us.amazon.nova-2-lite-v1:0', []],
  ])('names last words of the assistant that %s would refuse', (modelName, losses) => {
    const messages = turns(['user', text('Hi')], ['assistant', text('{')])
    expect(told({ modelName, messages }).losses).toEqual(losses)
  })

  it('has names of tools within Bedrock’s letters, told apart, and the way back', () => {
    const names = ['files.read', 'files_read', `${'long'.repeat(20)}1`, `${'long'.repeat(20)}2`, 'fine-1']
    const { body, losses } = told({ tools: names.map((name) => tool(name)) })
    const tools = (body['toolConfig'] as JsonObject)['tools'] as readonly { toolSpec: { name: string } }[]
    const spelled = tools.map(({ toolSpec }) => toolSpec.name)
    for (const name of spelled) expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/)
    expect(new Set(spelled).size).toBe(names.length)
    expect(spelled.at(-1)).toBe('fine-1')
    expect(losses).toContain('~tools[0].name')
    const back = translation.toolNames?.(foreignCall({ tools: names.map((name) => tool(name)) }))
    expect(spelled.map((name) => back?.get(name) ?? name)).toEqual(names)
  })

  it('declares the tools of earlier turns where it has none, since Bedrock refuses their blocks without', () => {
    const messages = turns(['user', text('Hi')], ['assistant', toolUse('t1', 'look')], ['user', toolResult('t1', [])])
    expect(told({ messages }).body['toolConfig']).toEqual({
      tools: [{ toolSpec: { name: 'look', inputSchema: { json: { type: 'object' } } } }],
    })
  })

  it('is told no tool where none may be used, and all where earlier turns hold them', () => {
    const toolChoice = said<ChatCall['toolChoice'] & object>({ kind: 'none' }, 'toolChoice')
    const without = told({ tools: [tool('look')], toolChoice })
    expect([without.body['toolConfig'], without.losses]).toEqual([undefined, ['tools[0]']])
    const messages = turns(['user', text('Hi')], ['assistant', toolUse('t1', 'look')], ['user', toolResult('t1', [])])
    const within = told({ messages, tools: [tool('look')], toolChoice })
    expect(within.body['toolConfig']).toMatchObject({ tools: [{ toolSpec: { name: 'look' } }] })
    expect(within.losses).toEqual(['toolChoice'])
  })

  it('has pictures, sounds and documents as bytes, each document under a name of its own', () => {
    const pdf = { kind: 'base64', mediaType: 'application/pdf', base64: 'JVBERi0=' } as const
    const { body, losses } = told({
      messages: turns([
        'user',
        medium('image', { kind: 'base64', mediaType: 'image/jpg', base64: '/9j/' }),
        medium('image', { kind: 'url', url: 'https://example.com/cat.png' }),
        medium('audio', { kind: 'base64', mediaType: 'audio/mpeg', base64: 'SUQz' }),
        medium('document', pdf, { fileName: 'year_report.pdf' }),
        medium('document', pdf, { fileName: 'year report pdf' }),
        medium('document', { kind: 'text', mediaType: 'text/x-ada', text: 'begin' }, { title: 'Code', note: 'Old.' }),
      ]),
    })
    expect((body['messages'] as readonly JsonObject[])[0]?.['content']).toEqual([
      { image: { format: 'jpeg', source: { bytes: '/9j/' } } },
      { audio: { format: 'mp3', source: { bytes: 'SUQz' } } },
      { document: { format: 'pdf', source: { bytes: 'JVBERi0=' }, name: 'year report pdf' } },
      { document: { format: 'pdf', source: { bytes: 'JVBERi0=' }, name: 'year report pdf (2)' } },
      { document: { format: 'txt', source: { text: 'begin' }, name: 'Code', context: 'Old.' } },
    ])
    expect(losses).toEqual([
      'messages[0].blocks[1]',
      '~messages[0].blocks[3].fileName',
      '~messages[0].blocks[4].fileName',
      '~messages[0].blocks[5].source',
    ])
  })

  it('has what a search gave as Anthropic’s models take it, and as a document for others', () => {
    const found = { foundAt: 'https://example.com', title: 'A page', wantsCitations: true }
    const result = medium('document', { kind: 'blocks', blocks: [text('One.'), text('Two.')] }, found)
    const messages = turns(
      ['user', text('Hi')],
      ['assistant', toolUse('t1', 'search')],
      ['tool', toolResult('t1', [result])],
    )
    const toldTo = (modelName: string) => (told({ modelName, messages }).body['messages'] as readonly JsonObject[])[2]
    const content = [{ text: 'One.' }, { text: 'Two.' }]
    const citations = { enabled: true }
    const searchResult = { source: 'https://example.com', title: 'A page', content, citations }
    expect(toldTo(claude)?.['content']).toEqual([{ toolResult: { toolUseId: 't1', content: [{ searchResult }] } }])
    expect(toldTo('amazon.nova-pro-v1:0')?.['content']).toEqual([
      { toolResult: { toolUseId: 't1', content: [{ document: { source: { content }, name: 'A page', citations } }] } },
    ])
  })

  it('hands thoughts back to the maker that signed them only', () => {
    const messages = (format?: string) =>
      turns(
        ['user', text('Hi')],
        ['assistant', thought('Hm', 'c2ln', format === undefined ? {} : { signatureFormat: format }), text('Hello')],
        ['user', text('And?')],
      )
    const own = told({ modelName: claude, messages: messages('anthropic-claude-v1') })
    expect((own.body['messages'] as readonly JsonObject[])[1]?.['content']).toEqual([
      { reasoningContent: { reasoningText: { text: 'Hm', signature: 'c2ln' } } },
      { text: 'Hello' },
    ])
    for (const words of [
      { modelName: claude, messages: messages('google-gemini-v1') },
      { modelName: 'us.amazon.nova-2-lite-v1:0', messages: messages('anthropic-claude-v1') },
    ])
      expect(told(words).losses).toEqual(['messages[1].blocks[0]'])
  })

  it.each<[string, string, Partial<NonNullable<ChatCall['reasoning']>>, unknown, readonly string[]]>([
    [
      claude,
      'a budget',
      { mode: 'on', budgetTokens: 2000 },
      { thinking: { type: 'enabled', budget_tokens: 2000 } },
      [],
    ],
    [claude, 'an adaptive wish', { mode: 'adaptive' }, { thinking: { type: 'adaptive' } }, []],
    ['anthropic.claude-3-haiku-20240307-v1:0', 'any', { effort: 'high' }, undefined, ['reasoning.effort']],
    [
      'us.amazon.nova-2-lite-v1:0',
      'an effort',
      { effort: 'low' },
      { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'low' } },
      [],
    ],
    ['us.amazon.nova-2-lite-v1:0', 'none', { mode: 'off' }, { reasoningConfig: { type: 'disabled' } }, []],
    [
      'us.amazon.nova-2-lite-v1:0',
      'a budget',
      { budgetTokens: 9000 },
      { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'high' } },
      ['~reasoning.budgetTokens'],
    ],
    ['openai.gpt-oss-120b-1:0', 'an effort', { effort: 'xhigh' }, { reasoning_effort: 'high' }, ['~reasoning.effort']],
    ['openai.gpt-oss-120b-1:0', 'none', { mode: 'off' }, { reasoning_effort: 'low' }, ['~reasoning.mode']],
    ['my-profile', 'any', { effort: 'high' }, undefined, ['reasoning.effort']],
  ])('%s is told %s to think in its maker’s words', (modelName, _, wish, words, losses) => {
    const nothing = { mode: undefined, effort: undefined, budgetTokens: undefined, display: undefined }
    const reasoning = said({ ...nothing, ...wish }, 'reasoning')
    const found = told({ modelName, reasoning })
    expect([additional(found), found.losses]).toEqual([words, losses])
  })

  it('has its effort where Converse has a word for it', () => {
    const reasoning = said({ mode: undefined, effort: 'low', budgetTokens: undefined, display: undefined }, 'reasoning')
    expect(told({ modelName: claude, reasoning }).body['outputConfig']).toEqual({ effort: 'low' })
  })

  it('has its wishes where Converse has words for them', () => {
    const outputFormat = said<NonNullable<ChatCall['outputFormat']>>(
      { kind: 'json-schema', name: 'form', description: undefined, schema: { type: 'object' }, isStrict: true },
      'outputFormat',
    )
    const { body, losses } = told({
      modelName: 'us.amazon.nova-lite-v1:0',
      outputCapTokens: 99,
      temperature: 1.5,
      topP: 0.9,
      topK: 5,
      stopSequences: ['END', '\n'],
      metadata: { team: 'a' },
      serviceTier: 'standard_only',
      outputFormat,
      seed: 7,
      endUser: 'ada',
      isStream: true,
    })
    expect(body).toEqual({
      model: 'us.amazon.nova-lite-v1:0',
      messages: [{ role: 'user', content: [{ text: 'Hi' }] }],
      inferenceConfig: { maxTokens: 99, temperature: 1, topP: 0.9, stopSequences: ['END'] },
      additionalModelRequestFields: { inferenceConfig: { topK: 5 } },
      outputConfig: {
        textFormat: {
          type: 'json_schema',
          structure: { jsonSchema: { schema: '{"type":"object"}', name: 'form' } },
        },
      },
      requestMetadata: { team: 'a' },
      serviceTier: { type: 'default' },
      stream: true,
    })
    expect(losses.toSorted()).toEqual(['endUser', 'seed', '~stopSequences', '~temperature'].toSorted())
  })

  it('has schemas that are enforced fitted to Claude, and only to Claude', () => {
    const schema = { properties: { age: { type: 'integer', minimum: 0 } }, type: 'object' }
    const outputFormat = said<NonNullable<ChatCall['outputFormat']>>(
      { kind: 'json-schema', name: undefined, description: undefined, schema, isStrict: true },
      'outputFormat',
    )
    const tools = [schema, { type: 'object' }].map((one, place) =>
      said<Tool>(
        { kind: 'function', name: 'f', description: undefined, schema: one, isStrict: true, cache: undefined },
        `tools[${place}]`,
      ),
    )
    const { body, losses } = told({ modelName: claude, outputFormat, tools })
    const fitted = {
      properties: { age: { type: 'integer', description: '{"minimum":0}' } },
      type: 'object',
      additionalProperties: false,
    }
    const formatOf = (one: JsonObject) => ({
      textFormat: { type: 'json_schema', structure: { jsonSchema: { schema: JSON.stringify(one) } } },
    })
    expect([body['outputConfig'], body['toolConfig'], losses]).toEqual([
      formatOf(fitted),
      {
        tools: [
          { toolSpec: { name: 'f', inputSchema: { json: fitted }, strict: true } },
          { toolSpec: { name: 'f', inputSchema: { json: { type: 'object' } } } },
        ],
      },
      ['~tools[0].schema', 'tools[1].isStrict', '~outputFormat.schema'],
    ])
    const other = told({ modelName: 'qwen.qwen3-32b-v1:0', outputFormat, tools })
    expect([other.body['outputConfig'], other.losses]).toEqual([formatOf(schema), []])
  })

  it('has labels of other kinds named, and none of them told', () => {
    for (const metadata of [
      { team: 7 },
      { 'a;b': 'c' },
      Object.fromEntries([...Array(17).keys()].map((key) => [`k${key}`, 'v'])),
    ]) {
      const { body, losses } = told({ metadata })
      expect([body['requestMetadata'], losses]).toEqual([undefined, ['metadata']])
    }
  })
})
