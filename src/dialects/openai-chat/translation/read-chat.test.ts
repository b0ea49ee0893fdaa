import { describe, expect, it } from 'vitest'
import { GatewayError } from '../../../canonical/error.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { originOf } from '../../../canonical/origin.ts'
import { readChat } from './read-chat.ts'

const call = (members: JsonObject = {}) => readChat({ model: 'm', messages: [], ...members })
const message = (members: JsonObject) => call({ messages: [members] }).messages[0]
const blocks = (members: JsonObject) => message(members)?.blocks ?? []
const parts = (...content: readonly Json[]) => blocks({ role: 'user', content })
const unheard = (node: object | undefined) => node && originOf(node)?.unheard
const pathOf = (node: object | undefined) => node && originOf(node)?.path

describe('reading a call', () => {
  it('scalars, in either spelling of those that have two', () => {
    expect(
      call({
        stream: true,
        max_tokens: 5,
        temperature: 0.5,
        top_p: 0.1,
        top_k: 3,
        min_p: 0.2,
        stop: 'END',
        random_seed: 7,
        presence_penalty: 1,
        frequency_penalty: -1,
        logit_bias: { 5: -100 },
        n: 2,
        logprobs: true,
        top_logprobs: 3,
        verbosity: 'low',
        safety_identifier: 'u',
        metadata: { team: 'x' },
        service_tier: 'flex',
        stream_options: { include_usage: true },
      }),
    ).toMatchObject({
      modelName: 'm',
      isStream: true,
      outputCapTokens: 5,
      temperature: 0.5,
      topP: 0.1,
      topK: 3,
      minP: 0.2,
      stopSequences: ['END'],
      seed: 7,
      presencePenalty: 1,
      frequencyPenalty: -1,
      logitBias: { 5: -100 },
      choiceCount: 2,
      logprobs: { isWanted: true, topCount: 3 },
      verbosity: 'low',
      endUser: 'u',
      metadata: { team: 'x' },
      serviceTier: 'flex',
      wantsStreamUsage: true,
    })
  })

  it('of two output caps the larger one is heard, the other stays unheard', () => {
    const read = call({ max_tokens: 20, max_completion_tokens: 30 })
    expect(read.outputCapTokens).toBe(30)
    expect(unheard(read)).toEqual(['max_tokens'])
  })

  it('what has another shape or is not known stays unheard, and nothing throws', () => {
    const body = { temperature: 'hot', stop: 7, tools: {}, response_format: { type: 'grammar' }, prediction: {}, x: 1 }
    expect([...(unheard(call(body)) ?? [])].toSorted()).toEqual(Object.keys(body).toSorted())
    expect(call(body)).toMatchObject({ temperature: undefined, stopSequences: undefined, tools: undefined })
  })

  it('what says no more than its absence is understood', () => {
    const body = { store: false, modalities: ['text'], user: null, metadata: null }
    expect(unheard(call(body))).toEqual([])
    expect(unheard(call({ store: true, modalities: ['text', 'audio'] }))).toEqual(['store', 'modalities'])
  })

  it('M13 refuses what makes reading impossible, naming the field', () => {
    const refusedOf = (body: JsonObject) => {
      try {
        return readChat(body) && undefined
      } catch (thrown) {
        return thrown instanceof GatewayError ? [thrown.kind, thrown.param] : thrown
      }
    }
    expect(refusedOf({ messages: [] })).toEqual(['invalid_request', 'model'])
    expect(refusedOf({ model: 'm', messages: {} })).toEqual(['invalid_request', 'messages'])
    expect(refusedOf({ model: 'm', messages: [{}, 'x'] })).toEqual(['invalid_request', 'messages[1]'])
  })

  it.each<[JsonObject, JsonObject | undefined]>([
    [{ reasoning_effort: 'high' }, { effort: 'high' }],
    [{ reasoning_effort: 'none' }, { mode: 'off', effort: 'none' }],
    [{ reasoning: { effort: 'low', max_tokens: 500 } }, { effort: 'low', budgetTokens: 500 }],
    [{ reasoning: { enabled: true, exclude: true } }, { mode: 'on', display: 'omitted' }],
    [{ reasoning: { enabled: false } }, { mode: 'off' }],
    [{ thinking: { type: 'enabled', budget_tokens: 9 } }, { mode: 'on', budgetTokens: 9 }],
    [{ thinking: { type: 'disabled' } }, { mode: 'off' }],
    [{ thinking: { type: 'adaptive', display: 'summarized' } }, { mode: 'adaptive', display: 'summarized' }],
    [{}, undefined],
  ])('how much to think: %j', (body, wished) => {
    const { reasoning } = call(body)
    expect(
      reasoning && Object.fromEntries(Object.entries(reasoning).filter(([, value]) => value !== undefined)),
    ).toEqual(wished)
    expect(unheard(call(body))).toEqual([])
  })

  it('the form of the answer', () => {
    expect(call({ response_format: { type: 'json_object' } }).outputFormat).toEqual({ kind: 'json-object' })
    expect(call({ response_format: { type: 'text' } }).outputFormat).toEqual({ kind: 'text' })
    const wire = { type: 'json_schema', json_schema: { name: 'n', schema: { type: 'object' }, strict: true, x: 1 } }
    const { outputFormat } = call({ response_format: wire })
    expect(outputFormat).toMatchObject({ kind: 'json-schema', name: 'n', schema: { type: 'object' }, isStrict: true })
    expect(unheard(outputFormat)).toEqual(['json_schema.x'])
  })

  it('tools: functions, those of the time before tools, Mistral’s without a type, and others whole', () => {
    const { tools } = call({
      functions: [{ name: 'old', parameters: { type: 'object' } }],
      tools: [
        {
          type: 'function',
          function: { name: 'f', description: 'd', strict: true },
          cache_control: { type: 'ephemeral' },
        },
        { function: { name: 'g' } },
        { type: 'custom', custom: { name: 'c' } },
        { type: 'web_search' },
      ],
    })
    expect(tools).toMatchObject([
      { kind: 'function', name: 'old', schema: { type: 'object' } },
      { kind: 'function', name: 'f', description: 'd', isStrict: true, cache: { ttl: undefined } },
      { kind: 'function', name: 'g', schema: undefined },
      { kind: 'function', name: 'c', schema: { required: ['input'] } },
      { kind: 'opaque', type: 'web_search' },
    ])
    expect(tools?.map(pathOf)).toEqual(['functions[0]', 'tools[0]', 'tools[1]', 'tools[2]', 'tools[3]'])
  })

  it.each<[string, Json, Json]>([
    ['tool_choice', 'auto', { kind: 'auto' }],
    ['tool_choice', 'none', { kind: 'none' }],
    ['tool_choice', 'required', { kind: 'any' }],
    ['tool_choice', 'any', { kind: 'any' }],
    ['tool_choice', { type: 'function', function: { name: 'f' } }, { kind: 'named', name: 'f' }],
    ['tool_choice', { type: 'allowed_tools', allowed_tools: {} }, { kind: 'opaque', type: 'allowed_tools' }],
    ['function_call', { name: 'f' }, { kind: 'named', name: 'f' }],
    ['function_call', 'auto', { kind: 'auto' }],
  ])('%s %j', (key, wire, choice) => {
    expect(call({ [key]: wire }).toolChoice).toEqual(choice)
  })
})

describe('reading messages', () => {
  it('keeps the order of the turns and their names', () => {
    const { messages } = call({
      messages: [
        { role: 'system', content: 'a' },
        { role: 'user', content: 'b', name: 'ada' },
        { role: 'developer', content: 'c' },
      ],
    })
    expect(messages.map(({ role, name }) => [role, name])).toEqual([
      ['system', undefined],
      ['user', 'ada'],
      ['developer', undefined],
    ])
  })

  it('a text alone is one block, an empty one none, and the mark on its message is its own', () => {
    expect(blocks({ role: 'user', content: '' })).toEqual([])
    const [block] = blocks({ role: 'system', content: 'a', cache_control: { type: 'ephemeral', ttl: '1h' } })
    expect(block).toMatchObject({ kind: 'text', text: 'a', cache: { ttl: '1h' } })
    expect(pathOf(block)).toBe('messages[0]')
    expect(unheard(message({ role: 'system', content: 'a', cache_control: { type: 'ephemeral' } }))).toEqual([])
  })

  it('pictures, by address or by bytes, and PDF that came the same way', () => {
    expect(
      parts(
        { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', detail: 'low' } },
        { type: 'image_url', image_url: 'https://example.com/a.png' },
        { type: 'image_url', image_url: { url: 'data:application/pdf;base64,JVBE' } },
        { type: 'image_url', image_url: { url: 'https://example.com/a.pdf?x=1' } },
      ),
    ).toMatchObject([
      { kind: 'image', source: { kind: 'base64', mediaType: 'image/png', base64: 'AAAA' }, detail: 'low' },
      { kind: 'image', source: { kind: 'url', url: 'https://example.com/a.png' } },
      { kind: 'document', source: { kind: 'base64', mediaType: 'application/pdf', base64: 'JVBE' } },
      { kind: 'document', source: { kind: 'url', url: 'https://example.com/a.pdf?x=1' } },
    ])
  })

  it('files by bytes, by name at the provider, by address; sound', () => {
    expect(
      parts(
        { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBE' } },
        { type: 'file', file: { file_id: 'file-1' } },
        { type: 'file', file: { file_data: 'https://example.com/a.pdf' } },
        { type: 'file', file: { file_data: 'JVBE' } },
        { type: 'document_url', document_url: 'https://example.com/b', document_name: 'b' },
        { type: 'input_audio', input_audio: { data: 'UklG', format: 'mp3' } },
      ),
    ).toMatchObject([
      { kind: 'document', source: { kind: 'base64', base64: 'JVBE' }, fileName: 'a.pdf' },
      { kind: 'document', source: { kind: 'file', fileId: 'file-1' } },
      { kind: 'document', source: { kind: 'url', url: 'https://example.com/a.pdf' } },
      { kind: 'document', source: { kind: 'base64', mediaType: 'application/pdf', base64: 'JVBE' } },
      { kind: 'document', source: { kind: 'url', url: 'https://example.com/b' }, fileName: 'b' },
      { kind: 'audio', source: { kind: 'base64', mediaType: 'audio/mpeg', base64: 'UklG' } },
    ])
  })

  it('parts and turns that nobody knows stay whole', () => {
    expect(parts({ type: 'video_url', video_url: { url: 'x' } }, 'text', { text: 'no type' })).toEqual([
      { kind: 'opaque', type: 'video_url' },
      { kind: 'opaque', type: 'part' },
      { kind: 'opaque', type: 'part' },
    ])
    expect(message({ role: 'critic', content: 'Hm.' })?.blocks).toEqual([
      { kind: 'opaque', type: 'message of role critic' },
    ])
  })

  it('calls of tools, their signature, empty and structured arguments, and calls of other kinds', () => {
    const signed = { google: { thought_signature: 'c2ln' } }
    expect(
      blocks({
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' }, extra_content: signed },
          { id: 'b', index: 1, function: { name: 'g', arguments: '' } },
          { id: 'c', type: 'function', function: { name: 'h', arguments: { y: 2 } } },
          { id: 'd', type: 'custom', custom: { name: 'i', input: 'free' } },
          { id: 'e', type: 'dream', dream: {} },
        ],
      }),
    ).toMatchObject([
      { kind: 'tool-use', id: 'a', name: 'f', argumentsText: '{"x":1}', signature: 'c2ln' },
      { kind: 'tool-use', id: 'b', name: 'g', argumentsText: '{}' },
      { kind: 'tool-use', id: 'c', name: 'h', argumentsText: '{"y":2}' },
      { kind: 'tool-use', id: 'd', name: 'i', argumentsText: '{"input":"free"}' },
      { kind: 'opaque', type: 'dream' },
    ])
  })

  it('a result of a call that only OpenAI has a word for has none elsewhere either', () => {
    const body = {
      model: 'm',
      messages: [
        { role: 'user', content: 'Hi' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            { id: 'c', type: 'dream', dream: {} },
            { id: 'f', type: 'function', function: { name: 'f', arguments: '{}' } },
          ],
        },
        { role: 'tool', tool_call_id: 'c', content: 'x' },
        { role: 'tool', tool_call_id: 'f', content: 'y' },
      ],
    }
    const chat = readChat(body)
    expect(chat.messages.slice(2)).toMatchObject([
      { role: 'tool', blocks: [{ kind: 'opaque', type: 'a result of dream' }] },
      { role: 'tool', blocks: [{ kind: 'tool-result', toolUseId: 'f' }] },
    ])
  })

  it('results of tools, as text and as parts', () => {
    expect(blocks({ role: 'tool', tool_call_id: 'a', content: 'gone' })).toMatchObject([
      { kind: 'tool-result', toolUseId: 'a', blocks: [{ kind: 'text', text: 'gone' }], isError: undefined },
    ])
    const [block] = blocks({ role: 'tool', tool_call_id: 'a', content: [{ type: 'text', text: 'x' }] })
    expect(block).toMatchObject({ blocks: [{ text: 'x' }] })
  })

  it('a result is a failure where a flag says so, never by its text', () => {
    const tool = { role: 'tool', tool_call_id: 'a', content: '{"error":"no such city"}' }
    expect(blocks(tool)).toMatchObject([{ isError: undefined }])
    expect(blocks({ ...tool, is_error: true })).toMatchObject([{ isError: true }])
    expect(blocks({ ...tool, is_error: 'yes' })).toMatchObject([{ isError: undefined }])
  })

  it('functions of the time before tools get an id that their answer finds', () => {
    const { messages } = call({
      messages: [
        { role: 'assistant', content: null, function_call: { name: 'go', arguments: '{}' } },
        { role: 'function', name: 'go', content: 'gone' },
      ],
    })
    const [used, answered] = messages.map(({ blocks: [block] }) => block)
    expect(used).toMatchObject({ kind: 'tool-use', id: 'function_0', name: 'go' })
    expect(answered).toMatchObject({ kind: 'tool-result', toolUseId: 'function_0' })
    expect(messages[1]?.role).toBe('tool')
  })

  it('refusals, sound and pictures of the assistant', () => {
    expect(
      blocks({
        role: 'assistant',
        content: [{ type: 'refusal', refusal: 'No.' }],
        refusal: 'Never.',
        audio: { id: 'audio_1' },
        images: [{ type: 'image_url', image_url: { url: 'https://example.com/a.png' } }],
      }),
    ).toMatchObject([
      { kind: 'refusal', text: 'No.' },
      { kind: 'refusal', text: 'Never.' },
      { kind: 'audio', source: { kind: 'file', fileId: 'audio_1' } },
      { kind: 'image', source: { kind: 'url' } },
    ])
  })

  it('what an answer had and a client sends back with nothing in it says nothing', () => {
    const said = {
      role: 'assistant',
      content: 'a',
      refusal: null,
      annotations: [],
      tool_calls: [],
      reasoning_content: '',
    }
    expect(unheard(message(said))).toEqual([])
  })
})

describe('reading thoughts that are handed back', () => {
  const thoughts = (members: JsonObject) =>
    blocks({ role: 'assistant', content: 'Four.', ...members }).filter(({ kind }) => kind === 'thought')

  it.each(['reasoning_content', 'reasoning'])('as text in `%s`', (key) => {
    expect(thoughts({ [key]: 'Hm.' })).toMatchObject([{ text: 'Hm.', signature: undefined }])
  })

  it('two spellings of one text are one thought; another text stays unheard', () => {
    expect(thoughts({ reasoning_content: 'Hm.', reasoning: 'Hm.' })).toHaveLength(1)
    const other = message({ role: 'assistant', reasoning_content: 'Hm.', reasoning: 'Oh.' })
    expect(unheard(other)).toEqual(['reasoning'])
  })

  it('OpenRouter’s entries, with signatures, encrypted ones and those of an unknown kind', () => {
    const reasoning_details = [
      { type: 'reasoning.text', text: 'Hm.', signature: 'c2ln', format: 'anthropic-claude-v1', index: 0 },
      { type: 'reasoning.summary', summary: 'In short.', index: 1, x: 1 },
      { type: 'reasoning.encrypted', data: 'b3Bh', format: 'openai-responses-v1', id: 'rs_1', index: 2 },
    ]
    const read = thoughts({ reasoning: 'Hm.In short.', reasoning_details })
    expect(read).toMatchObject([
      { text: 'Hm.', signature: 'c2ln', signatureFormat: 'anthropic-claude-v1' },
      { text: 'In short.', signature: undefined },
      { text: '', redactedData: 'b3Bh', signatureFormat: 'openai-responses-v1' },
    ])
    expect(read.map(unheard)).toEqual([[], ['x'], ['id']])
    expect(blocks({ role: 'assistant', reasoning_details: [{ type: 'reasoning.new' }] })).toEqual([
      { kind: 'opaque', type: 'reasoning.new' },
    ])
  })

  it('the pieces of a stream, as a naive client put them into the list', () => {
    const piece = (members: JsonObject) => ({ type: 'reasoning.text', index: 0, ...members })
    const reasoning_details = [
      piece({ text: 'Two ' }),
      piece({ text: 'and two.' }),
      piece({ signature: 'c2ln', x: 1 }),
      piece({ text: 'Another.' }),
    ]
    const read = thoughts({ reasoning_details })
    expect(read).toMatchObject([
      { text: 'Two and two.', signature: 'c2ln' },
      { text: 'Another.', signature: undefined },
    ])
    expect(unheard(read[0])).toEqual(['reasoning_details[2].x'])
  })

  it('LiteLLM’s blocks, parts of the content, and Mistral’s lists of parts', () => {
    expect(
      thoughts({
        thinking_blocks: [
          { type: 'thinking', thinking: 'Hm.', signature: 'c2ln' },
          { type: 'redacted_thinking', data: 'b3Bh' },
        ],
      }),
    ).toMatchObject([{ text: 'Hm.', signature: 'c2ln' }, { redactedData: 'b3Bh' }])
    expect(
      thoughts({
        content: [
          { type: 'thinking', thinking: 'Easy.', signature: 'c2ln' },
          { type: 'redacted_thinking', data: 'b3Bh' },
          {
            type: 'thinking',
            thinking: [
              { type: 'text', text: 'La' },
              { type: 'text', text: 'la' },
            ],
            closed: true,
          },
        ],
      }),
    ).toMatchObject([{ text: 'Easy.', signature: 'c2ln' }, { redactedData: 'b3Bh' }, { text: 'Lala' }])
  })
})
