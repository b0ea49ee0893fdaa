import { describe, expect, it } from 'vitest'
import type { Extent } from '../../canonical/extent.ts'
import type { Json, JsonObject } from '../../canonical/json.ts'
import { dialects } from '../all.ts'
import type { DialectName } from '../dialect.ts'

/** What each dialect's call needs besides the field that is looked at. */
const plain: Readonly<Partial<Record<DialectName, JsonObject>>> = {
  'openai-chat': { model: 'm', messages: [] },
  'openai-responses': { model: 'm', input: [] },
  'anthropic-messages': { model: 'm', max_tokens: 5, messages: [] },
  'gemini-generate': { model: 'm', stream: false, contents: [] },
  'bedrock-converse': { model: 'm', stream: false, messages: [] },
  'cohere-chat': { model: 'm', messages: [] },
}

const part = (type: string, fields: JsonObject = {}): JsonObject => ({
  messages: [{ role: 'user', content: [{ type, ...fields }] }],
})
const item = (fields: JsonObject): JsonObject => ({ input: [fields] })
const advisor = { type: 'advisor_20260301', name: 'advisor', model: 'dearer' }

describe('what a provider reads and the body does not hold', () => {
  it.each<[DialectName, string, JsonObject, Partial<Extent>]>([
    ['openai-chat', 'a text', part('text', { text: 'hello' }), { unseen: [] }],
    [
      'openai-chat',
      'a sound',
      part('input_audio', { input_audio: { data: 'UklGRg==', format: 'wav' } }),
      { unseen: [] },
    ],
    [
      'openai-chat',
      'a sound by URL',
      part('input_audio', { input_audio: { data: 'https://x/y.wav' } }),
      { unseen: ['a sound'] },
    ],
    [
      'openai-chat',
      'a part nobody knows',
      part('audio_url', { audio_url: { url: 'https://x' } }),
      { unseen: ['a part that is no text'] },
    ],
    [
      'openai-chat',
      'an earlier sound',
      { messages: [{ role: 'assistant', audio: { id: 'a' } }] },
      { unseen: ['an earlier sound'] },
    ],
    ['openai-responses', 'a reference', item({ type: 'item_reference', id: 'msg_1' }), { unseen: ['a stored item'] }],
    [
      'openai-responses',
      'a reference whose type is null',
      item({ type: null, id: 'msg_1' }),
      { unseen: ['a stored item'] },
    ],
    [
      'openai-responses',
      'a screenshot',
      item({
        type: 'computer_call_output',
        call_id: 'c',
        output: { type: 'computer_screenshot', image_url: 'https://x' },
      }),
      { images: 1 },
    ],
    [
      'anthropic-messages',
      'compaction',
      { context_management: { edits: [{ type: 'compact_20260112' }] } },
      { rounds: undefined, unbounded: 'context_management' },
    ],
    [
      'anthropic-messages',
      'clearing',
      { context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] } },
      { rounds: 1, unbounded: undefined },
    ],
    [
      'anthropic-messages',
      'a tool that asks another model',
      { tools: [{ type: 'advisor_20260301', name: 'advisor', max_uses: 1 }] },
      { rounds: undefined },
    ],
    [
      'anthropic-messages',
      'a tool that is defined on the way',
      part('tool_addition', { tool: { type: 'tool_definition', definition: { type: 'web_search_20260318' } } }),
      { rounds: undefined, unbounded: 'tool web_search_20260318' },
    ],
    [
      'bedrock-converse',
      'a document and a picture in a result',
      {
        messages: [
          { role: 'user', content: [{ toolResult: { toolUseId: 't', content: [{ image: {} }, { document: {} }] } }] },
        ],
      },
      { images: 1, unseen: ['a document'] },
    ],
    [
      'bedrock-converse',
      'a tool that Amazon runs',
      { toolConfig: { tools: [{ toolSpec: { name: 'f' } }, { systemTool: { name: 'nova_grounding' } }] } },
      { tools: 1, rounds: undefined, unbounded: 'tool nova_grounding' },
    ],
    [
      'bedrock-converse',
      'thinking and sampling in the maker’s words',
      { additionalModelRequestFields: { thinking: { type: 'adaptive' }, inferenceConfig: { topK: 5 } } },
      { rounds: 1, unbounded: undefined, unseen: [] },
    ],
    [
      'bedrock-converse',
      'anything else in the maker’s words',
      { additionalModelRequestFields: { tools: [{ type: 'computer_20250124' }] } },
      { rounds: undefined, unbounded: 'additionalModelRequestFields.tools' },
    ],
    ['bedrock-converse', 'a stored prompt', { promptVariables: { a: { text: 'b' } } }, { unseen: ['a stored prompt'] }],
    [
      'cohere-chat',
      'documents and a picture',
      {
        documents: ['a', { data: { text: 'b' } }],
        ...part('image_url', { image_url: { url: 'https://x' } }),
      },
      { messages: 3, images: 1, unseen: [], rounds: 1 },
    ],
    ['cohere-chat', 'a part nobody knows', part('audio_url'), { unseen: ['a part that is no text'] }],
    ['cohere-chat', 'a tool nobody knows', { tools: [{ type: 'retrieval' }] }, { rounds: undefined }],
  ])('%s: %s', (name, _, body, expected) => {
    expect(dialects[name].readExtent({ ...plain[name], ...body })).toMatchObject(expected)
  })

  it.each<[DialectName, JsonObject, string | undefined]>([
    ['openai-responses', { tools: [{ type: 'web_search', max_uses: 2 }] }, 'max_tool_calls'],
    ['openai-responses', { context_management: [{ type: 'compaction' }] }, undefined],
    ['anthropic-messages', { tools: [{ type: 'web_fetch_20250910', name: 'web_fetch' }] }, 'max_uses'],
    ['anthropic-messages', { tools: [{ type: 'code_execution_20250825', name: 'code_execution' }] }, undefined],
    ['anthropic-messages', { mcp_servers: [{ type: 'url' }] }, undefined],
    ['openai-chat', { plugins: [{ id: 'web' }] }, undefined],
  ])('%s: %j could be bounded by %s', (name, body, boundedBy) => {
    const extent = dialects[name].readExtent({ ...plain[name], ...body })
    expect([extent.rounds, extent.boundedBy]).toEqual([undefined, boundedBy])
  })

  it.each<[DialectName, string, Json, boolean]>([
    ['openai-chat', 'service_tier', 'priority', true],
    ['openai-chat', 'service_tier', 'auto', false],
    ['openai-chat', 'service_tier', 'flex', false],
    ['openai-chat', 'service_tier', null, false],
    ['openai-responses', 'service_tier', 'scale', true],
    ['anthropic-messages', 'service_tier', 'standard_only', false],
    ['anthropic-messages', 'speed', 'fast', true],
    ['anthropic-messages', 'inference_geo', 'us', true],
    ['gemini-generate', 'serviceTier', 'PRIORITY', true],
    ['gemini-generate', 'service_tier', 'SERVICE_TIER_UNSPECIFIED', false],
    ['bedrock-converse', 'serviceTier', { type: 'priority' }, true],
    ['bedrock-converse', 'serviceTier', { type: 'default' }, false],
    ['bedrock-converse', 'performanceConfig', { latency: 'optimized' }, true],
    ['bedrock-converse', 'performanceConfig', { latency: 'standard' }, false],
  ])('%s: %s %j is charged apart from the list: %s', (name, field, value, isApart) => {
    expect(dialects[name].readExtent({ ...plain[name], [field]: value }).pricedApart !== undefined).toBe(isApart)
  })

  it.each<[JsonObject, string | undefined]>([
    [{ type: 'image_generation', model: 'gpt-image-1.5' }, 'tool image_generation'],
    [{ type: 'code_interpreter', container: { type: 'auto' } }, 'tool code_interpreter'],
    [{ type: 'file_search', vector_store_ids: ['vs_1'] }, 'tool file_search'],
    [{ type: 'shell', environment: { type: 'container_auto' } }, 'tool shell'],
    [{ type: 'namespace', tools: [{ type: 'file_search' }] }, 'tool file_search'],
    [{ type: 'shell', environment: { type: 'local' } }, undefined],
    [{ type: 'web_search' }, undefined],
    [{ type: 'mcp', server_label: 'a' }, undefined],
  ])('openai-responses: %j costs a fee that nobody counts: %s', (tool, pricedApart) => {
    const body = { ...plain['openai-responses'], tools: [tool], max_tool_calls: 3 }
    expect(dialects['openai-responses'].readExtent(body).pricedApart).toBe(pricedApart)
  })
})

describe('in what an answer may be', () => {
  it.each<[DialectName, JsonObject, readonly string[] | undefined]>([
    ['openai-chat', {}, undefined],
    ['openai-chat', { modalities: null }, undefined],
    ['openai-chat', { modalities: [] }, undefined],
    ['openai-chat', { modalities: ['text', 'audio'] }, ['text', 'audio']],
    ['openai-chat', { modalities: ['text', 'video'] }, undefined],
    ['gemini-generate', {}, undefined],
    ['gemini-generate', { generationConfig: { responseModalities: ['Text', 'Image'] } }, ['text', 'image']],
    ['gemini-generate', { generation_config: { response_modalities: ['TEXT'] } }, ['text']],
    ['gemini-generate', { generationConfig: { responseModalities: ['TEXT', 2] } }, undefined],
    ['gemini-generate', { generationConfig: { responseModalities: ['MODALITY_UNSPECIFIED'] } }, undefined],
  ])('%s: %j', (name, body, answersIn) => {
    expect(dialects[name].readExtent({ ...plain[name], ...body }).answersIn).toEqual(answersIn)
  })
})

describe('what nobody permitted or set aside', () => {
  it.each<[DialectName, JsonObject, string]>([
    ['anthropic-messages', { fallbacks: [{ model: 'dearer', max_tokens: 64_000 }] }, 'fallbacks'],
    ['anthropic-messages', { tools: [advisor] }, 'tools'],
    ['anthropic-messages', part('tool_addition', { tool: { type: 'tool_definition', definition: advisor } }), 'tools'],
    ['bedrock-converse', { additionalModelRequestFields: { tools: [advisor] } }, 'tools'],
    ['openai-chat', { tools: [{ type: 'openrouter:advisor' }] }, 'tools'],
    ['openai-chat', { tools: [{ type: 'openrouter:not_known_here' }] }, 'tools'],
    ['openai-chat', { tools: [{ type: 'openrouter:image_generation', parameters: { model: 'dearer' } }] }, 'tools'],
    ['openai-chat', { plugins: [{ id: 'fusion' }] }, 'plugins'],
    ['openai-chat', { plugins: [{ id: 'new', analysis_models: ['dearer'] }] }, 'plugins'],
    ['openai-chat', { compound_custom: { models: { answering_model: 'dearer' } } }, 'compound_custom'],
    ['openai-responses', { tools: [{ type: 'namespace', tools: [{ type: 'openrouter:fusion' }] }] }, 'tools'],
    ['openai-responses', item({ type: 'additional_tools', tools: [{ type: 'new', model: 'dearer' }] }), 'tools'],
    ['anthropic-messages', { thread: { type: 'continue', previous_message_id: 'msg_1' } }, 'thread'],
    [
      'gemini-generate',
      { generationConfig: { maxOutputTokens: null, max_output_tokens: 65_000 } },
      'generationConfig.max_output_tokens',
    ],
    [
      'gemini-generate',
      { generationConfig: { candidateCount: 1, candidate_count: 8 } },
      'generationConfig.candidate_count',
    ],
    ['gemini-generate', { cachedContent: null, cached_content: 'cachedContents/x' }, 'cached_content'],
  ])('%s: %j is refused', (name, body, param) => {
    expect(() => dialects[name].readCall({ ...plain[name], ...body })).toThrow(expect.objectContaining({ param }))
  })

  it.each<[DialectName, JsonObject]>([
    ['anthropic-messages', { tools: [{ name: 'f', input_schema: {}, model: 'its own' }] }],
    ['openai-chat', { tools: [{ type: 'function', function: { name: 'f' }, model: 'its own' }] }],
    ['openai-chat', { tools: [{ type: 'openrouter:web_search', parameters: { max_uses: 1 } }] }],
    ['openai-chat', { tools: [{ type: 'openrouter:datetime' }, { type: 'openrouter:image_generation' }] }],
    [
      'openai-chat',
      {
        plugins: [
          { id: 'fusion', enabled: false },
          { id: 'auto-router', allowed_models: ['a/*'] },
        ],
      },
    ],
    ['openai-responses', { tools: [{ type: 'image_generation', model: 'gpt-image-1.5' }] }],
  ])('%s: %j is let through', (name, body) => {
    expect(dialects[name].readCall({ ...plain[name], ...body })).toMatchObject({ modelName: 'm' })
  })

  it('but keys of the client’s own may look alike', () => {
    const args = { maxTokens: 1, max_tokens: 2 }
    const contents = [{ role: 'model', parts: [{ functionCall: { name: 'f', args } }] }]
    expect(dialects['gemini-generate'].readCall({ ...plain['gemini-generate'], contents })).toMatchObject({
      modelName: 'm',
    })
  })
})

describe('a cap that the target obeys', () => {
  const old = new Set(['max_tokens'] as const)
  it.each([
    [{}, undefined, { max_completion_tokens: 5 }],
    [{}, old, { max_tokens: 5 }],
    [{ max_tokens: 5 }, undefined, {}],
    [{ max_completion_tokens: 5 }, undefined, {}],
    [{ max_completion_tokens: 5 }, old, { max_tokens: 5 }],
    [{ max_tokens: 30, max_completion_tokens: 5 }, undefined, { max_tokens: 5 }],
    [{ max_tokens: 5, max_completion_tokens: 30 }, old, {}],
  ])('of a chat %j, for a target that takes %s, is written as %j', (body, words, written) => {
    const edits = dialects['openai-chat'].outputCapEdits(body, 5, words)
    expect(Object.fromEntries(edits.map(({ key, value }) => [key, value]))).toEqual(written)
  })
})
